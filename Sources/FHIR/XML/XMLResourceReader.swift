import Primitives

/// Turns the XML form of a resource into its JSON form while the parser goes through it.
final class XMLResourceReader: XMLHandler {
  private var frames = [XMLFrame(.slot, name: "")]
  private var narrative: NarrativeReading?
  private let table = StructureTable.r4

  /// The JSON of the resource, once it is read.
  private(set) var json: [UInt8]?

  var path: String {
    var parts: [String] = []
    for (above, frame) in zip(frames, frames.dropFirst()) {
      switch above.content {
      // Inside of a Bundle the type of the resource is no step of the path.
      case .slot: if parts.isEmpty { parts.append(frame.name) }
      default: parts.append(above.childLabel ?? frame.name)
      }
    }
    return parts.joined(separator: ".")
  }

  func start(_ element: XMLStart, at source: XMLSource) throws(XMLFault) {
    if narrative != nil {
      try narrative?.open(element)
      return
    }
    // Only the content is taken out: a copy of the frame would make its output be copied, too.
    switch frames[frames.count - 1].content {
    case .slot: try startResource(element)
    case .complex(let type): try startElement(element, of: type, at: source)
    case .primitive(let primitive):
      guard element.name == "extension", primitive != .xhtml,
        let type = table.type("Element")
      else { throw XMLFault(.invalid, "a primitive has no elements but extensions") }
      try startElement(element, of: type, at: source)
    }
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) throws(XMLFault) {
    guard narrative == nil else { return }
    guard bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }) else {
      throw XMLFault(.invalid, "text stands where FHIR has elements and attributes only")
    }
  }

  func end(at source: XMLSource) throws(XMLFault) {
    if var reading = narrative {
      let bytes = try reading.close(at: source)
      narrative = reading
      guard let bytes else { return }
      narrative = nil
      frames[frames.count - 1].value = JSONText.literal(String(decoding: bytes, as: UTF8.self))
    }
    if case .slot? = frames.last?.content, frames.last?.value == nil {
      throw XMLFault(.invalid, "a resource is missing")
    }
    guard var frame = frames.popLast(), !frames.isEmpty else { return }
    frame.finishRun()
    let parent = frames.count - 1
    switch frame.content {
    case .slot: frames[parent].take(value: frame.value, extra: nil)
    case .primitive: frames[parent].take(value: frame.value, extra: frame.object)
    case .complex:
      let object = frame.object ?? Array("{}".utf8)
      if case .slot = frames[parent].content {
        frames[parent].value = object
        if parent == 0 { json = object }
      } else {
        frames[parent].take(value: object, extra: nil)
      }
    }
  }

  private func startResource(_ element: XMLStart) throws(XMLFault) {
    guard element.namespace == XMLStart.fhir else {
      throw XMLFault(.invalid, "the namespace of a resource must be that of FHIR")
    }
    guard let type = table.resource(element.name) else {
      throw XMLFault(.invalid, "not a resource type of FHIR R4", at: element.name)
    }
    guard frames.last?.value == nil else {
      throw XMLFault(.invalid, "more than one resource where one may stand")
    }
    var frame = XMLFrame(.complex(type), name: type.name)
    frame.appendString("resourceType", type.name)
    for attribute in element.attributes where attribute.namespace != XMLStart.schemaInstance {
      throw XMLFault(.invalid, "a resource has no attributes")
    }
    frames.append(frame)
  }

  private func startElement(
    _ element: XMLStart, of type: StructureType, at source: XMLSource
  ) throws(XMLFault) {
    guard let member = type.member(element.name), !member.isAttribute(of: type) else {
      throw XMLFault(.invalid, "FHIR R4 has no such element here", at: element.name)
    }
    let primitive = member.type.primitive
    let isNarrative = primitive == .xhtml
    guard isNarrative || element.namespace == XMLStart.fhir else {
      throw XMLFault(.invalid, "the namespace of an element must be that of FHIR")
    }
    try frames[frames.count - 1].begin(member, named: element.name)
    if isNarrative {
      frames.append(XMLFrame(.primitive(.xhtml), name: element.name))
      narrative = try NarrativeReading(element, at: source)
    } else if let primitive {
      frames.append(XMLFrame(.primitive(primitive), name: element.name))
      try readPrimitive(element.attributes, primitive)
    } else if let structure = table.type(member.type.structure) {
      let isSlot = member.type.code == "Resource"
      frames.append(XMLFrame(isSlot ? .slot : .complex(structure), name: element.name))
      try readComplex(element.attributes, isSlot ? nil : structure)
    }
  }

  private func readPrimitive(
    _ attributes: [XMLStart.Attribute], _ type: PrimitiveType
  ) throws(XMLFault) {
    for attribute in attributes {
      switch (attribute.name, attribute.namespace) {
      case ("value", nil): frames[frames.count - 1].value = try Self.json(attribute.value, as: type)
      case ("id", nil): frames[frames.count - 1].appendString("id", attribute.value)
      default: throw XMLFault(.invalid, "a primitive has no attributes but value and id")
      }
    }
  }

  private func readComplex(
    _ attributes: [XMLStart.Attribute], _ type: StructureType?
  ) throws(XMLFault) {
    for attribute in attributes {
      guard let type, attribute.namespace == nil,
        type.member(attribute.name)?.isAttribute(of: type) == true
      else { throw XMLFault(.invalid, "FHIR R4 has no such attribute here") }
      frames[frames.count - 1].appendString(attribute.name, attribute.value)
    }
  }

  /// A value as JSON. Numbers keep their digits; a leading plus, which JSON lacks, says nothing.
  private static func json(_ text: String, as type: PrimitiveType) throws(XMLFault) -> [UInt8] {
    switch type.jsonKind {
    case .bool:
      guard text == "true" || text == "false" else {
        throw XMLFault(.invalid, "a boolean is true or false")
      }
      return Array(text.utf8)
    case .number:
      let literal = text.hasPrefix("+") ? String(text.dropFirst()) : text
      guard JSONText.isNumber(literal) else {
        throw XMLFault(.invalid, "not a number as FHIR writes it")
      }
      return Array(literal.utf8)
    default: return JSONText.literal(text)
    }
  }
}

extension StructureType.Member {
  /// Whether XML has an attribute for it: `Element.id` and `Extension.url` (R4 2.6.1.2).
  func isAttribute(of type: StructureType) -> Bool {
    (element.name == "id" && type.kind != .resource)
      || (element.name == "url" && type.name == "Extension")
  }
}
