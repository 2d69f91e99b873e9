/// The search parameters by resource type, read once from a compact text.
///
/// The text has three levels of indentation. A parameter (`patient reference(Patient) 1`: name, kind
/// with target types, 1 for a single value or n), below it its paths (lines that start with `=`;
/// `subject[Patient]:Reference` is the member `subject` where it refers to a Patient, of type
/// Reference), below them the resource types; `*` stands for every type.
/// `Scripts/generate-search-table.py` writes it from the definitions of FHIR.
public struct SearchParameterTable: Sendable {
  /// What this program offers of R4.
  public static let standard = SearchParameterTable(parsing: r4)

  private let byType: [String: [SearchParameter]]
  private let common: [SearchParameter]

  /// Reads the text; a line that does not fit is left out (the tests read the table back in full).
  init(parsing text: String) {
    var byType: [String: [SearchParameter]] = [:]
    var head: [Substring] = []
    var paths: [SearchPath] = []
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard let first = words.first else { continue }
      let depth = line.prefix { $0 == " " }.count
      switch depth {
      case 0:
        head = words
        paths = []
      case 2:
        paths += ([first.dropFirst()] + words.dropFirst()).compactMap(SearchPath.init(parsing:))
      default:
        guard let parameter = SearchParameter(head: head, paths: paths) else { continue }
        for type in words { byType[String(type), default: []].append(parameter) }
      }
    }
    common = byType.removeValue(forKey: "*") ?? []
    self.byType = byType.mapValues { [common] in common + $0 }
  }

  /// The parameters of a resource type, those of every type first.
  public func parameters(of type: String) -> [SearchParameter] { byType[type] ?? common }

  /// The parameter of that name that a resource type has.
  public func parameter(_ name: some StringProtocol, of type: String) -> SearchParameter? {
    parameters(of: type).first { $0.name == name }
  }
}

extension SearchParameter {
  init?(head: [Substring], paths: [SearchPath]) {
    guard head.count == 3, !paths.isEmpty else { return nil }
    let parts = head[1].split(whereSeparator: { "(,)".contains($0) }).map(String.init)
    guard let first = parts.first, let kind = Kind(rawValue: first) else { return nil }
    let targets = parts.dropFirst().filter { $0 != "*" }
    self.init(
      name: String(head[0]), kind: kind, targets: Array(targets), isSingle: head[2] == "1",
      paths: paths)
  }
}

extension SearchPath {
  init?(parsing text: Substring) {
    let parts = text.split(separator: ":")
    guard parts.count == 2, let type = ElementType(rawValue: String(parts[1])) else { return nil }
    let path = parts[0].split(whereSeparator: { "[]".contains($0) })
    guard let steps = path.first else { return nil }
    self.init(
      steps: steps.split(separator: ".").map(String.init), type: type,
      filter: path.count > 1 ? String(path[1]) : nil)
  }
}
