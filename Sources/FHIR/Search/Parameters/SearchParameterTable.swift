/// The search parameters by resource type, read once from a compact text.
///
/// The text has three levels of indentation. A parameter (`patient reference(Patient) 1`: name, kind
/// with target types or with the kinds of components, 1 for a single value or n), below it its paths
/// (lines that start with `=`; `subject[Patient]:Reference` is the member `subject` where it refers to
/// a Patient, of type Reference), below them the resource types; `*` stands for every type. The paths
/// of a composite follow the element that holds its components, `@component 1>code:Coding 2>…`.
/// `Scripts/generate-search-table.py` writes it from the definitions of FHIR.
public struct SearchParameterTable: Sendable {
  /// What this program offers: all of R4, and what US Core adds.
  public static let standard = SearchParameterTable(parsing: r4)

  private let byType: [String: [SearchParameter]]
  private let common: [SearchParameter]
  private let places: [String: [String: Int]]

  /// Reads the text; a line that does not fit is left out (the tests read the table back in full).
  init(parsing text: String) {
    var byType: [String: [SearchParameter]] = [:]
    var head: [Substring] = []
    var paths: [Substring] = []
    var parameter: SearchParameter?
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard let first = words.first else { continue }
      switch line.utf8.prefix(while: { $0 == 0x20 }).count {
      case 0:
        head = words
        paths = []
      case 2:
        paths += [first.dropFirst()] + words.dropFirst()
        parameter = nil
      default:
        parameter = parameter ?? SearchParameter(head: head, paths: paths)
        guard let parameter else { continue }
        for type in words { byType[String(type), default: []].append(parameter) }
      }
    }
    let common = byType.removeValue(forKey: "*") ?? []
    self.common = common
    self.byType = byType.mapValues { common + $0 }
    places = self.byType.mapValues(Self.places)
      .merging(["*": Self.places(common)]) { first, _ in first }
  }

  private static func places(_ parameters: [SearchParameter]) -> [String: Int] {
    Dictionary(parameters.enumerated().map { ($1.name, $0) }) { first, _ in first }
  }

  /// The parameters of a resource type, those of every type first.
  public func parameters(of type: String) -> [SearchParameter] { byType[type] ?? common }

  /// The parameter of that name that a resource type has.
  public func parameter(_ name: some StringProtocol, of type: String) -> SearchParameter? {
    let parameters = parameters(of: type)
    let places = places[type] ?? places["*"]
    return places?[String(name)].map { parameters[$0] }
  }

  /// The types that have parameters of their own.
  var types: [String] { byType.keys.sorted() }
}

extension SearchParameter {
  init?(head: [Substring], paths: [Substring]) {
    guard head.count == 3, !paths.isEmpty else { return nil }
    let parts = head[1].split(whereSeparator: { "(,)".contains($0) }).map(String.init)
    guard let first = parts.first, let kind = Kind(rawValue: first) else { return nil }
    name = String(head[0])
    self.kind = kind
    isSingle = head[2] == "1"
    if kind == .composite {
      let kinds = parts.dropFirst().compactMap(Kind.init(rawValue:))
      targets = []
      source = SearchSource(kind: kind, paths: [])
      groups = Self.groups(paths, kinds)
      if groups.isEmpty { return nil }
    } else {
      targets = parts.dropFirst().filter { $0 != "*" }
      source = SearchSource(
        kind: kind, paths: paths.compactMap(SearchPath.init(parsing:)), isSingle: isSingle)
      groups = []
      if source.paths.count != paths.count { return nil }
    }
  }

  private static func groups(_ words: [Substring], _ kinds: [Kind]) -> [SearchGroup] {
    var groups: [SearchGroup] = []
    for part in words.split(omittingEmptySubsequences: false, whereSeparator: { $0.first == "@" }) {
      guard let element = part.first.flatMap({ _ in words[part.startIndex - 1] }) else { continue }
      let components = kinds.enumerated().map { number, kind in
        let own = part.filter { $0.hasPrefix("\(number + 1)>") }
        return SearchSource(
          kind: kind, paths: own.compactMap { SearchPath(parsing: $0.dropFirst(2)) })
      }
      groups.append(
        SearchGroup(steps: SearchPath.steps(element.dropFirst()), components: components))
    }
    return groups
  }
}
