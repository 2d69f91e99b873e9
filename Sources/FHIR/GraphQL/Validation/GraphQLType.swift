/// What a selection can be made on.
enum GraphQLType: Sendable {
  /// The whole node.
  case query
  /// A resource, data type or backbone element.
  case structure(StructureType)
  /// One of several resource types; of all where none is named.
  case anyOf([String])
  /// `ConditionConnection`, and one of its `edges`.
  case connection(String)
  case edge(String)

  /// The type of a resource by its name.
  static func resource(_ name: String) -> GraphQLType? {
    StructureTable.r4.resource(name).map { .structure($0) }
  }

  /// What `__typename` says, and what a fragment's condition names: `Patient`, `PatientContact`.
  var name: String {
    switch self {
    case .query: "Query"
    case .structure(let type): Self.name(of: type.name)
    case .anyOf: "Resource"
    case .connection(let type): type + "Connection"
    case .edge(let type): type + "Edge"
    }
  }

  /// Whether a fragment for a type of that name is for values of this type.
  func isA(_ condition: String) -> Bool {
    if condition == name { return true }
    guard case .structure(let type) = self else { return false }
    var base = type.base
    // Types are five deep at most.
    for _ in 0..<8 {
      guard let name = base else { return false }
      if name == condition { return true }
      base = StructureTable.r4.type(name)?.base
    }
    return false
  }

  /// A backbone element is named by its path: `Bundle.entry.link` is BundleEntryLink.
  static func name(of structure: String) -> String {
    guard structure.contains(".") else { return structure }
    return structure.split(separator: ".").map { part in
      part.prefix(1).uppercased() + part.dropFirst()
    }.joined()
  }

  /// All types that a fragment's condition may name.
  static let names: Set<String> = {
    var names: Set<String> = ["Query"]
    for name in StructureTable.r4.names { names.insert(Self.name(of: name)) }
    for name in ResourceType.names { names.formUnion([name + "Connection", name + "Edge"]) }
    return names
  }()
}

/// What a field is, on the type that it is selected on.
enum GraphQLFieldKind: Sendable {
  case typeName
  case resourceType
  /// An element: its structure and, where it is no primitive, the type of what is below.
  case element(StructureType.Member)
  /// `_birthDate`: id and extensions of a primitive.
  case companion(StructureType.Member)
  /// `resource` of a Reference, to one of these types.
  case target([String])
  /// `Patient(id: …)`.
  case read(String)
  case list(String)
  case connection(String)
  /// A member of a connection or of one of its edges that is no object.
  case count, offset, pageSize, first, previous, next, last, mode, score
  case edges(String)
  case match(String)

  /// - Parameter targets: of a Reference, the types that it may lead to.
  init?(_ name: String, on type: GraphQLType, targets: [String] = []) {
    if name == "__typename" {
      self = .typeName
      return
    }
    switch type {
    case .query: self.init(search: name, isSystem: true)
    case .structure(let structure):
      self.init(name, of: structure, targets)
    case .anyOf: return nil
    case .connection(let resource):
      switch name {
      case "count": self = .count
      case "offset": self = .offset
      case "pagesize", "pageSize": self = .pageSize
      case "edges": self = .edges(resource)
      case "first": self = .first
      case "previous": self = .previous
      case "next": self = .next
      case "last": self = .last
      default: return nil
      }
    case .edge(let resource):
      switch name {
      case "mode": self = .mode
      case "score": self = .score
      case "resource": self = .match(resource)
      default: return nil
      }
    }
  }

  private init?(_ name: String, of structure: StructureType, _ targets: [String]) {
    if let member = structure.member(name) {
      self = .element(member)
    } else if name.utf8.first == 0x5F, let member = structure.member(String(name.dropFirst())),
      member.type.primitive != nil, member.type.primitive != .xhtml
    {
      self = .companion(member)
    } else if structure.name == "Reference", name == "resource" {
      self = .target(targets)
    } else if structure.kind == .resource, name == "resourceType" {
      self = .resourceType
    } else if structure.kind == .resource {
      self.init(search: name, isSystem: false)
    } else {
      return nil
    }
  }

  private init?(search name: String, isSystem: Bool) {
    for (suffix, isList) in [("List", true), ("Connection", false)] where name.hasSuffix(suffix) {
      let type = String(name.dropLast(suffix.count))
      guard ResourceType.isKnown(type) else { continue }
      self = isList ? .list(type) : .connection(type)
      return
    }
    guard isSystem, ResourceType.isKnown(name) else { return nil }
    self = .read(name)
  }

  /// The type of what is selected below; nil where nothing can be.
  var inner: GraphQLType? {
    switch self {
    case .element(let member):
      guard member.type.primitive == nil else { return nil }
      return GraphQLType(structure: member.type.structure)
    case .companion: return GraphQLType(structure: "Element")
    case .target(let types): return types.count == 1 ? .resource(types[0]) : .anyOf(types)
    case .read(let type), .match(let type): return .resource(type)
    case .list(let type): return .resource(type)
    case .connection(let type): return .connection(type)
    case .edges(let type): return .edge(type)
    default: return nil
    }
  }

  /// The types that a Reference in the element may lead to.
  var targets: [String] {
    guard case .element(let member) = self, member.type.code == "Reference" else { return [] }
    let targets = member.type.targets.filter { ResourceType.isKnown($0) }
    // `Reference(Any)` and `Reference(Resource)` name no type that a resource has.
    return targets.count == member.type.targets.count ? targets : []
  }
}

extension GraphQLType {
  fileprivate init?(structure name: String) {
    if name == "Resource" || name == "DomainResource" {
      self = .anyOf([])
    } else if let type = StructureTable.r4.type(name) {
      self = .structure(type)
    } else {
      return nil
    }
  }
}
