import Primitives

/// What a FHIRPath patch puts into a resource: the bytes of a value, and of a primitive's companion.
struct PatchValue {
  static let null = Array("null".utf8)

  /// Nil for a primitive that has only extensions.
  var value: [UInt8]?
  var companion: [UInt8]?

  var valueOrNull: [UInt8] { value ?? Self.null }

  /// The members of an object that hold the value.
  func members(named name: String) -> [(name: String, value: [UInt8])] {
    var members: [(name: String, value: [UInt8])] = []
    if let value { members.append((name, value)) }
    if let companion { members.append(("_" + name, companion)) }
    return members
  }
}

/// The part `value` of an operation, before it is known where it goes.
struct PatchValueSource: Sendable {
  /// A parameter with the value in `value[x]`, in `resource` or in parts.
  let part: JSONValue

  /// Depth of parts in parts; backbone elements are not nested deeper.
  private static let maximumDepth = 16

  /// The word behind `value` in the member that holds the value: `Quantity`, `String`; empty for a
  /// resource or parts.
  let suffix: String

  init(_ part: JSONValue) throws(PeerChartError) {
    self.part = part
    let names = part.members.map(\.name).filter { $0 != "name" && $0 != "id" && $0 != "extension" }
    let plain = Set(names.map { $0.utf8.first == 0x5F ? String($0.dropFirst()) : $0 })
    guard plain.count == 1, let name = plain.first,
      name.hasPrefix("value") || name == "resource" || name == "part"
    else {
      throw PeerChartError(
        .malformed, "a value is one of value[x], resource and part", place: part.pointer)
    }
    suffix = name.hasPrefix("value") ? String(name.dropFirst(5)) : ""
  }

  /// The name of the member of an object of `type` that takes the value, and what it holds: for the
  /// element `deceased` and a boolean it is `deceasedBoolean`.
  ///
  /// - Throws: `invalid` where the type has no such element.
  func member(
    for name: String, of type: ElementType, _ types: any ElementTypes
  ) throws(PeerChartError) -> (name: String, member: ElementMember) {
    if let member = types.member(name, of: type), member.naming == .plain { return (name, member) }
    if !suffix.isEmpty, let member = types.member(name + suffix, of: type),
      member.naming != .plain
    {
      return (name + suffix, member)
    }
    // The name with the type in it, as JSON has it.
    if !suffix.isEmpty, name.hasSuffix(suffix), let member = types.member(name, of: type) {
      return (name, member)
    }
    throw PeerChartError(
      .invalid, "the element has no child of this name that takes this value", place: part.pointer)
  }

  /// The bytes for an element of a type.
  ///
  /// - Throws: `invalid` where the value is of another shape.
  func value(
    for type: ElementType, _ types: any ElementTypes, depth: Int = 0
  ) throws(PeerChartError) -> PatchValue {
    if let parts = part["part"] { return try object(of: parts, type, types, depth: depth) }
    if let resource = part["resource"] {
      guard resource.kind == .object, types.isType(type, .resource) || type == .unknown else {
        throw fault("a resource cannot stand here")
      }
      return PatchValue(value: Array(resource.raw))
    }
    let value = part["value" + suffix]
    let companion = part["_value" + suffix]
    guard fits(value, type) else { throw fault("the value is of another type than the element") }
    guard companion?.kind ?? .object == .object, companion == nil || type.isPrimitive else {
      throw fault("only primitives have a second member")
    }
    return PatchValue(
      value: value.map { Array($0.raw) }, companion: companion.map { Array($0.raw) })
  }

  private func fault(_ reason: String) -> PeerChartError {
    PeerChartError(.invalid, reason, place: part.pointer)
  }

  /// Whether a JSON value has the form that the type of the element asks for.
  private func fits(_ value: JSONValue?, _ type: ElementType) -> Bool {
    guard let value else { return type.isPrimitive }
    switch type {
    case .unknown: return true
    case .boolean: return value.kind == .bool
    case .integer, .unsignedInt, .positiveInt, .decimal: return value.kind == .number
    default: return value.kind == (type.isPrimitive ? .string : .object)
    }
  }

  /// An object of parts: for backbone elements, which have no type that `value[x]` could take.
  private func object(
    of parts: JSONValue, _ type: ElementType, _ types: any ElementTypes, depth: Int
  ) throws(PeerChartError) -> PatchValue {
    guard parts.kind == .array, parts.count > 0, depth < Self.maximumDepth, !type.isPrimitive
    else { throw fault("parts make up an element with children") }
    var order: [String] = []
    var found: [String: (member: ElementMember, values: [PatchValue])] = [:]
    for part in parts.elements {
      let source = try PatchValueSource(part)
      guard let name = part["name"]?.string else { throw fault("a part has a name") }
      let (full, member) = try source.member(for: name, of: type, types)
      let value = try source.value(for: member.type, types, depth: depth + 1)
      if found[full] == nil { order.append(full) }
      found[full, default: (member, [])].values.append(value)
    }
    var members: [(String, JSONTree)] = []
    for name in order {
      guard let (member, values) = found[name] else { continue }
      guard let isList = member.isList, isList || values.count == 1 else {
        throw fault("a part stands more often than the element may")
      }
      let hasCompanions = values.contains { $0.companion != nil }
      if values.contains(where: { $0.value != nil }) {
        members.append((name, Self.tree(values.map(\.value), isList)))
      }
      if hasCompanions {
        members.append(("_" + name, Self.tree(values.map(\.companion), isList)))
      }
    }
    return PatchValue(value: JSONTree.object(members).serialized())
  }

  private static func tree(_ values: [[UInt8]?], _ isList: Bool) -> JSONTree {
    let trees = values.map { JSONTree.raw($0 ?? PatchValue.null) }
    return isList ? .array(trees) : trees.first ?? .null
  }
}
