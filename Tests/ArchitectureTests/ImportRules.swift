import Foundation

/// What the sources themselves may import and name. The package graph alone would not do: a
/// transitive dependency is importable without being declared.
enum ImportRules {
  struct Source {
    let module: String
    /// The path below `Sources/`.
    let path: String
    let text: String
  }

  /// Beginnings of the names of modules that do I/O.
  private static let inputOutput = [
    "NIO", "GRDB", "Hummingbird", "AsyncHTTPClient", "ServiceLifecycle", "FoundationNetworking",
    "Logging", "ArgumentParser", "Storage", "PeerNetwork", "Web", "Node",
  ]
  /// Names by which Foundation and the C library reach files, the network, other processes and
  /// the clock.
  private static let outside = [
    "FileManager", "FileHandle", "URLSession", "ProcessInfo", "Process(", "fopen(", "socket(",
    "getenv(", "Date()", "Date.now",
  ]

  /// Modules that touch nothing outside, not even by Foundation.
  static let strictlyPure: Set<String> = [
    "Primitives", "FHIR", "TransparencyLog", "SecDocument", "Consent", "Audit",
  ]

  /// What is wrong in one source file, one line a fault.
  static func faults(in source: Source) -> [String] {
    source.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().flatMap {
      index, line in
      faults(in: line, of: source.module).map { "\(source.path):\(index + 1): \($0)" }
    }
  }

  private static func faults(in line: Substring, of module: String) -> [String] {
    let code = line.prefix { $0 != "/" }
    guard let imported = importedModule(code) else {
      let names = strictlyPure.contains(module) && outside.contains { code.contains($0) }
      return names ? ["\(module) reaches outside"] : []
    }
    var faults: [String] = []
    if ArrowRules.facing.contains(module),
      ArrowRules.behindTheDoor.contains(imported) || imported.hasPrefix("GRDB")
    {
      faults.append("\(module) imports \(imported): round the door")
    }
    if ArrowRules.pure.contains(module), inputOutput.contains(where: imported.hasPrefix) {
      faults.append("\(module) only computes and may not import \(imported)")
    }
    if code.contains("@_exported") { faults.append("re-exports hide an arrow") }
    return faults
  }

  /// The module that a line imports: `public import struct NIOCore.ByteBuffer` gives `NIOCore`.
  private static func importedModule(_ code: Substring) -> String? {
    let words = code.split(whereSeparator: \.isWhitespace)
    guard let keyword = words.firstIndex(of: "import"),
      words[..<keyword].allSatisfy({ $0.hasPrefix("@") || accessLevels.contains($0) })
    else { return nil }
    let named = words[(keyword + 1)...].drop { kinds.contains($0) }.first
    return named?.split(separator: ".").first.map(String.init)
  }

  private static let accessLevels: Set<Substring> = [
    "public", "package", "internal", "fileprivate", "private",
  ]
  private static let kinds: Set<Substring> = [
    "struct", "class", "enum", "protocol", "func", "var", "let", "typealias", "actor",
  ]

  /// Every Swift file below a folder `Sources`, with the module it belongs to.
  static func sources(below folder: URL) throws -> [Source] {
    let files = FileManager.default.enumerator(atPath: folder.path)
    var found: [Source] = []
    while let path = files?.nextObject() as? String {
      guard path.hasSuffix(".swift"), let module = path.split(separator: "/").first else {
        continue
      }
      let text = try String(contentsOf: folder.appending(path: path), encoding: .utf8)
      found.append(Source(module: String(module), path: path, text: text))
    }
    return found
  }
}
