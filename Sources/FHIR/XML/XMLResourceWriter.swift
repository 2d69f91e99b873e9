import Primitives

/// Writes the XML form of a resource from its JSON form, elements in the order of the definition.
struct XMLResourceWriter {
  let isIndented: Bool
  private(set) var output: [UInt8] = []
  private var depth = 0
  private let table = StructureTable.r4

  init(isIndented: Bool) { self.isIndented = isIndented }

  /// A member of an object with what stands beside it: `given` and `_given`.
  private struct Slot {
    let member: StructureType.Member
    let name: String
    var value: JSONValue?
    var extra: JSONValue?
  }

  mutating func write(document resource: JSONValue) throws(PeerChartError) {
    output += "<?xml version=\"1.0\" encoding=\"UTF-8\"?>".utf8
    if !isIndented { output.append(0x0A) }
    try write(resource: resource, isRoot: true)
  }

  private mutating func write(resource: JSONValue, isRoot: Bool) throws(PeerChartError) {
    guard let name = resource["resourceType"]?.string, let type = table.resource(name) else {
      throw PeerChartError(
        .invalid, "resourceType is not a resource type of FHIR R4", place: resource.pointer)
    }
    startLine()
    output += "<\(type.name)".utf8
    if isRoot { output += " xmlns=\"\(XMLStart.fhir)\"".utf8 }
    try finish(type.name, try slots(of: resource, type), type)
  }

  /// The members by the order of the definition. Every one must be known: what XML cannot hold is
  /// refused, not dropped.
  private func slots(
    of object: JSONValue, _ type: StructureType
  ) throws(PeerChartError) -> [Slot] {
    guard object.kind == .object else { throw fault("must be an object", object) }
    var slots: [Slot] = []
    for (name, value) in object.members {
      if name == "resourceType", type.kind == .resource { continue }
      let isExtra = name.hasPrefix("_")
      let plain = isExtra ? String(name.dropFirst()) : name
      guard let member = type.member(plain), !isExtra || member.type.primitive != nil else {
        throw fault("FHIR R4 has no such element here", value)
      }
      if let index = slots.firstIndex(where: { $0.member.position == member.position }) {
        guard slots[index].name == plain else {
          throw fault("an element with a choice of types may have one of them only", value)
        }
        if isExtra { slots[index].extra = value } else { slots[index].value = value }
      } else {
        slots.append(
          Slot(
            member: member, name: plain, value: isExtra ? nil : value, extra: isExtra ? value : nil)
        )
      }
    }
    return slots.sorted { $0.member.position < $1.member.position }
  }

  /// Writes what follows `<name`: attributes, children and the end tag.
  private mutating func finish(
    _ name: String, _ slots: [Slot], _ type: StructureType
  ) throws(PeerChartError) {
    for slot in slots where slot.member.isAttribute(of: type) {
      guard slot.extra == nil, let value = slot.value, value.kind == .string else {
        throw fault("must be a string without extensions", slot.value ?? slot.extra)
      }
      try attribute(slot.name, value)
    }
    let children = slots.filter { !$0.member.isAttribute(of: type) }
    guard !children.isEmpty else {
      output += "/>".utf8
      return
    }
    output.append(0x3E)
    depth += 1
    for slot in children { try write(slot) }
    depth -= 1
    startLine()
    output += "</\(name)>".utf8
  }

  private mutating func write(_ slot: Slot) throws(PeerChartError) {
    let isArray = slot.member.element.isArray
    for value in [slot.value, slot.extra].compactMap({ $0 }) {
      guard (value.kind == .array) == isArray else {
        throw fault(isArray ? "must be an array" : "must not be an array", value)
      }
      guard !isArray || value.count > 0 else { throw fault("FHIR has no empty elements", value) }
    }
    guard isArray else {
      try write(slot, slot.value, slot.extra)
      return
    }
    let values = slot.value.map { Array($0.elements) } ?? []
    let extras = slot.extra.map { Array($0.elements) } ?? []
    for index in 0..<max(values.count, extras.count) {
      try write(
        slot, index < values.count ? values[index] : nil,
        index < extras.count ? extras[index] : nil)
    }
  }

  private mutating func write(
    _ slot: Slot, _ value: JSONValue?, _ extra: JSONValue?
  ) throws(PeerChartError) {
    if let primitive = slot.member.type.primitive {
      try write(slot, primitive, value, extra)
      return
    }
    guard let value, value.kind == .object, value.count > 0 else {
      throw fault("must be an object that is not empty", value ?? extra)
    }
    startLine()
    output += "<\(slot.name)".utf8
    if slot.member.type.code == "Resource" {
      output.append(0x3E)
      depth += 1
      try write(resource: value, isRoot: false)
      depth -= 1
      startLine()
      output += "</\(slot.name)>".utf8
    } else if let type = table.type(slot.member.type.structure) {
      try finish(slot.name, try slots(of: value, type), type)
    }
  }

  private mutating func write(
    _ slot: Slot, _ type: PrimitiveType, _ value: JSONValue?, _ extra: JSONValue?
  ) throws(PeerChartError) {
    // Null stands for no value, in arrays beside one that has extensions.
    let value = value.flatMap { $0.kind == .null ? nil : $0 }
    let extra = extra.flatMap { $0.kind == .null ? nil : $0 }
    guard value != nil || extra != nil else {
      throw fault("neither a value nor an extension", slot.value ?? slot.extra)
    }
    if let value, value.kind != type.jsonKind {
      throw fault("not the JSON type of a FHIR \(type.rawValue)", value)
    }
    startLine()
    if type == .xhtml {
      guard let value, extra == nil else { throw fault("must be a string alone", extra) }
      output += try Narrative.xml(value)
      return
    }
    output += "<\(slot.name)".utf8
    var slots: [Slot] = []
    if let extra, let element = table.type("Element") {
      guard extra.kind == .object, extra.count > 0 else {
        throw fault("must be an object that is not empty", extra)
      }
      slots = try self.slots(of: extra, element)
    }
    // The value's attribute comes behind the id's.
    let attributes = slots.filter { $0.name == "id" }
    for slot in attributes {
      guard let id = slot.value, id.kind == .string else { throw fault("must be a string", extra) }
      try attribute("id", id)
    }
    if let value { try attribute("value", value) }
    guard let element = table.type("Element") else { return }
    try finish(slot.name, slots.filter { $0.name != "id" }, element)
  }

  private mutating func attribute(_ name: String, _ value: JSONValue) throws(PeerChartError) {
    output += " \(name)=\"".utf8
    let text = value.string ?? String(decoding: value.raw, as: UTF8.self)
    guard XMLText.appendAttribute(text, to: &output) else {
      throw fault("a control character, which XML cannot hold", value)
    }
    output.append(0x22)
  }

  private mutating func startLine() {
    guard isIndented else { return }
    output.append(0x0A)
    output += repeatElement(0x20, count: depth * 2)
  }

  private func fault(_ reason: String, _ value: JSONValue?) -> PeerChartError {
    PeerChartError(.invalid, reason, place: value?.pointer)
  }
}
