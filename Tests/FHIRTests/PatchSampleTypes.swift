import FHIR

/// As much of the structure of a Patient as the tests need.
struct PatchSampleTypes: ElementTypes {
  private static let patient = ElementType(rawValue: 200)
  private static let contact = ElementType(rawValue: 201)
  private static let names: [String: ElementType] = [
    "Patient": patient, "Patient.contact": contact,
  ]

  func type(named name: String) -> ElementType? { Self.names[name] ?? ElementType.fixed(name) }

  func name(of type: ElementType) -> String { Self.names.first { $0.value == type }?.key ?? "" }

  func base(of type: ElementType) -> ElementType? {
    switch type {
    case Self.patient: .domainResource
    case Self.contact: .backboneElement
    case .domainResource: .resource
    default: nil
    }
  }

  func member(_ name: String, of type: ElementType) -> ElementMember? {
    func one(_ type: String) -> ElementMember? {
      ElementType.fixed(type).map { ElementMember(type: $0, isList: false) }
    }
    func list(_ type: String) -> ElementMember? {
      ElementType.fixed(type).map { ElementMember(type: $0, isList: true) }
    }
    func choice(_ type: ElementType) -> ElementMember {
      ElementMember(type: type, isList: false, naming: .choice)
    }
    if name == "extension" { return list("Extension") }
    if name == "id" { return one("string") }
    switch (self.name(of: type), name) {
    case ("Patient", "birthDate"): return one("date")
    case ("Patient", "active"): return one("boolean")
    case ("Patient", "gender"), ("Patient.contact", "gender"): return one("code")
    case ("Patient", "maritalStatus"): return one("CodeableConcept")
    case ("Patient", "name"): return list("HumanName")
    case ("Patient", "identifier"): return list("Identifier")
    case ("Patient", "contact"): return ElementMember(type: Self.contact, isList: true)
    case ("Patient", "deceasedBoolean"): return choice(.boolean)
    case ("Patient", "deceasedDateTime"): return choice(.dateTime)
    case ("Patient", "multipleBirthInteger"): return choice(.integer)
    case ("Patient.contact", "name"): return one("HumanName")
    case ("Patient.contact", "telecom"): return list("ContactPoint")
    default: break
    }
    if type == ElementType.fixed("HumanName") {
      return name == "given"
        ? list("string") : ["family", "text"].contains(name) ? one("string") : nil
    }
    if type == ElementType.fixed("Identifier") { return name == "value" ? one("string") : nil }
    return nil
  }
}
