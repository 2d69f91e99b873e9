/// A search that a field asks for (R4 graphql.html, Searching resources).
public struct GraphQLSearch: Sendable {
  /// The type of the resources.
  public let type: String
  /// Names and values as a query has them; alternatives are divided by commas.
  public let parameters: [(name: String, value: String)]
  /// Of a connection: where it goes on. It stands for the parameters too.
  public let cursor: String?
  /// Whether all matches are wanted at once, or a page of them.
  public let isList: Bool

  /// - Parameter focus: `Patient/1`, for a search in what refers to a resource.
  init(
    _ type: String, _ field: GraphQLField, isList: Bool, focus: String?,
    _ reader: GraphQLSelectionReader
  ) {
    self.type = type
    self.isList = isList
    cursor = isList || focus != nil ? nil : Self.cursor(field, reader)
    var parameters: [(name: String, value: String)] = []
    if let focus, let name = reader.argument("_reference", of: field)?.text,
      let parameter = Self.parameter(name, of: type)
    {
      parameters.append((parameter.name, focus))
    }
    for argument in field.arguments
    where !["_reference", "fhirpath", "cursor", "_cursor"].contains(argument.name) {
      guard let value = reader.argument(argument.name, of: field), let texts = reader.texts(value)
      else { continue }
      let name = Self.parameter(argument.name, of: type)?.name ?? argument.name
      let isOption = name == "_sort" || name == "_count"
      parameters.append(
        (name, texts.map { isOption ? $0 : Self.alternative($0) }.joined(separator: ",")))
    }
    self.parameters = parameters
  }

  static func cursor(_ field: GraphQLField, _ reader: GraphQLSelectionReader) -> String? {
    (reader.argument("cursor", of: field) ?? reader.argument("_cursor", of: field))?.text
  }

  /// The search parameter behind the name of an argument, in which `_` stands for `-`.
  static func parameter(_ name: String, of type: String) -> SearchParameter? {
    let table = SearchParameterTable.standard
    if let parameter = table.parameter(name, of: type) { return parameter }
    guard name.utf8.first != 0x5F else { return nil }
    return table.parameter(name.replacing("_", with: "-"), of: type)
  }

  /// One alternative: a comma in it divides nothing.
  private static func alternative(_ text: String) -> String {
    var output: [UInt8] = []
    var isProtected = false
    for byte in text.utf8 {
      if byte == 0x2C, !isProtected { output.append(0x5C) }
      isProtected = byte == 0x5C && !isProtected
      output.append(byte)
    }
    // A backslash at the end must not protect the comma behind it.
    if isProtected { output.append(0x5C) }
    return String(decoding: output, as: UTF8.self)
  }
}

/// What a search has brought up.
public struct GraphQLPage: Sendable {
  /// In the order of the search.
  public var resources: [Resource]
  /// How many there are in all.
  public var count: Int
  /// How many come before these.
  public var offset: Int
  public var pageSize: Int
  /// Cursors of other pages; nil where there is none.
  public var first: String?
  public var previous: String?
  public var next: String?
  public var last: String?

  /// A page without ways to others.
  public init(resources: [Resource], count: Int, offset: Int, pageSize: Int) {
    self.resources = resources
    self.count = count
    self.offset = offset
    self.pageSize = pageSize
  }
}

/// Where a query's resources come from: what is not for the caller is not there.
public protocol GraphQLRecords {
  /// - Throws: `not-found`, `forbidden`, `gone`.
  func read(_ type: String, id: String) throws -> Resource

  /// What a reference leads to; nil if it is not there or not for the caller.
  func resource(_ target: ReferenceTarget) throws -> Resource?

  /// - Throws: `invalid` for a search that makes no sense, `too-costly` for one that finds too much.
  func page(_ search: GraphQLSearch) throws -> GraphQLPage
}
