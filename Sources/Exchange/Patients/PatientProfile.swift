import FHIR

/// What people say of themselves when they register: the plain part of a Patient resource.
///
/// Writing it into a resource replaces these members and leaves every other as it is, byte for byte.
public struct PatientProfile: Sendable, Equatable {
  /// A name by which the patient is known.
  public struct Name: Sendable, Equatable {
    public var family: String?
    public var given: [String]

    public init(family: String?, given: [String]) {
      self.family = family
      self.given = given
    }
  }

  /// Where the patient lives.
  public struct Address: Sendable, Equatable {
    public var lines: [String]
    public var city: String?
    public var state: String?
    public var postalCode: String?
    public var country: String?

    public init(
      lines: [String], city: String?, state: String?, postalCode: String?, country: String?
    ) {
      self.lines = lines
      self.city = city
      self.state = state
      self.postalCode = postalCode
      self.country = country
    }
  }

  public var name: Name?
  /// FHIR `date`.
  public var birthDate: String?
  /// A code of FHIR's AdministrativeGender.
  public var gender: String?
  public var phone: String?
  public var email: String?
  public var address: Address?
  /// BCP 47, of conversations.
  public var language: String?

  public init() {}
}

extension PatientProfile {
  /// What a Patient says. Of several names the official one counts, else the usual one, else the first
  /// that is not out of use; of several telephones and addresses the first of those.
  init(_ patient: Resource) {
    let root = patient.root
    name = Self.current(root["name"], preferring: ["official", "usual"]).map { name in
      Name(
        family: name["family"]?.string,
        given: name["given"]?.elements.compactMap(\.string) ?? [])
    }
    birthDate = root["birthDate"]?.string
    gender = root["gender"]?.string
    phone = Self.telecom(root, "phone")?["value"]?.string
    email = Self.telecom(root, "email")?["value"]?.string
    address = Self.current(root["address"]).map { address in
      Address(
        lines: address["line"]?.elements.compactMap(\.string) ?? [],
        city: address["city"]?.string, state: address["state"]?.string,
        postalCode: address["postalCode"]?.string, country: address["country"]?.string)
    }
    language = root["communication"]?[0]?["language"]?["coding"]?[0]?["code"]?.string
  }

  /// The bytes of a Patient that says this.
  ///
  /// - Parameter patient: what it said before; nil for a new one.
  func written(into patient: Resource?) -> [UInt8] {
    let root = patient?.root
    let edited = EditedObject(root)
      .setting("resourceType", "Patient")
      .setting("name", nameList(root))
      .setting("telecom", telecomList(root))
      .setting("gender", gender.map { .string($0) })
      .setting("birthDate", birthDate.map { .string($0) })
      .setting("address", addressList(root))
      .setting("communication", communicationList(root))
    return edited.tree.serialized()
  }

  private func nameList(_ root: JSONValue?) -> JSONTree? {
    let old = Self.current(root?["name"], preferring: ["official", "usual"])
    let new = name.map { name -> JSONTree in
      var edited = EditedObject(old)
      if old == nil { edited = edited.setting("use", "official") }
      return edited.setting("text", nil)
        .setting("family", name.family.map { .string($0) }).setting("_family", nil)
        .setting("given", .texts(name.given)).setting("_given", nil).tree
    }
    return Self.list(root?["name"], replacing: old, by: new)
  }

  private func addressList(_ root: JSONValue?) -> JSONTree? {
    let old = Self.current(root?["address"])
    let new = address.map { address in
      EditedObject(old).setting("text", nil)
        .setting("line", .texts(address.lines)).setting("_line", nil)
        .setting("city", address.city.map { .string($0) })
        .setting("state", address.state.map { .string($0) })
        .setting("postalCode", address.postalCode.map { .string($0) })
        .setting("country", address.country.map { .string($0) }).tree
    }
    return Self.list(root?["address"], replacing: old, by: new)
  }

  private func telecomList(_ root: JSONValue?) -> JSONTree? {
    var elements: [JSONTree] = root?["telecom"]?.elements.map { .raw(Array($0.raw)) } ?? []
    for (system, value) in [("phone", phone), ("email", email)] {
      let old = root.flatMap { Self.telecom($0, system) }
      let new = value.map { value in
        EditedObject(old).setting("system", .string(system)).setting("value", .string(value)).tree
      }
      let place = old.flatMap { old in elements.firstIndex(of: .raw(Array(old.raw))) }
      switch (place, new) {
      case (let place?, let new?): elements[place] = new
      case (let place?, nil): elements.remove(at: place)
      case (nil, let new?): elements.append(new)
      case (nil, nil): break
      }
    }
    return elements.isEmpty ? nil : .array(elements)
  }

  private func communicationList(_ root: JSONValue?) -> JSONTree? {
    let old = root?["communication"]?[0]
    let new = language.map { language -> JSONTree in
      if old?["language"]?["coding"]?[0]?["code"]?.string == language, let old {
        return .raw(Array(old.raw))
      }
      return EditedObject(old).setting(
        "language",
        .object([
          ("coding", [.object([("system", "urn:ietf:bcp:47"), ("code", .string(language))])])
        ])
      ).tree
    }
    return Self.list(root?["communication"], replacing: old, by: new)
  }

  /// The first element in use, those of some uses before others.
  private static func current(
    _ list: JSONValue?, preferring uses: [String] = []
  ) -> JSONValue? {
    guard let list else { return nil }
    let inUse = list.elements.filter {
      $0.kind == .object && !($0["use"]?.isString("old") ?? false)
    }
    for use in uses {
      if let found = inUse.first(where: { $0["use"]?.isString(use) ?? false }) { return found }
    }
    return inUse.first
  }

  private static func telecom(_ root: JSONValue, _ system: String) -> JSONValue? {
    root["telecom"]?.elements.first {
      ($0["system"]?.isString(system) ?? false) && !($0["use"]?.isString("old") ?? false)
    }
  }

  /// A list with one element replaced, added in front, or taken away; nil for an empty one.
  private static func list(
    _ list: JSONValue?, replacing old: JSONValue?, by new: JSONTree?
  ) -> JSONTree? {
    var elements: [JSONTree] = []
    if old == nil, let new { elements.append(new) }
    for element in list?.elements.map({ $0 }) ?? [] {
      guard element.range == old?.range else {
        elements.append(.raw(Array(element.raw)))
        continue
      }
      if let new { elements.append(new) }
    }
    return elements.isEmpty ? nil : .array(elements)
  }
}

/// An object of which some members are set and all others stay as they were written.
private struct EditedObject {
  private var members: [(String, JSONTree)]

  init(_ value: JSONValue?) {
    members = value?.members.map { ($0.name, .raw(Array($0.value.raw))) } ?? []
  }

  /// The object with a member replaced in its place, added behind, or with nil taken away.
  func setting(_ name: String, _ value: JSONTree?) -> EditedObject {
    var edited = self
    let place = members.firstIndex { $0.0 == name }
    switch (place, value) {
    case (let place?, let value?): edited.members[place] = (name, value)
    case (let place?, nil): edited.members.remove(at: place)
    case (nil, let value?): edited.members.append((name, value))
    case (nil, nil): break
    }
    return edited
  }

  var tree: JSONTree { .object(members) }
}

extension JSONTree {
  /// A list of texts; nil for an empty one, which FHIR does not have.
  fileprivate static func texts(_ texts: [String]) -> JSONTree? {
    texts.isEmpty ? nil : .array(texts.map { .string($0) })
  }
}
