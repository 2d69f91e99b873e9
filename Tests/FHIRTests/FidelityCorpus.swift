import Foundation

/// Other people's FHIR files, where they are there.
enum FidelityCorpus {
  /// The folder `shared/corpus/fhir`: named by `PEERCHART_SHARED`, or beside one of the folders above.
  static let folder: URL? = {
    if let shared = ProcessInfo.processInfo.environment["PEERCHART_SHARED"] {
      return existing(URL(fileURLWithPath: shared))
    }
    var place = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    while place.path != "/" {
      place = place.deletingLastPathComponent()
      if let found = existing(place.appendingPathComponent("shared")) { return found }
    }
    return nil
  }()

  static var isPresent: Bool { folder != nil }

  static func files(_ name: String) throws -> [URL] {
    guard let folder else { return [] }
    return try FileManager.default.contentsOfDirectory(
      at: folder.appendingPathComponent(name), includingPropertiesForKeys: nil
    )
    .filter { $0.pathExtension == "json" }
    .sorted { $0.path < $1.path }
  }

  static func bytes(of file: URL) throws -> [UInt8] { Array(try Data(contentsOf: file)) }

  private static func existing(_ shared: URL) -> URL? {
    let folder = shared.appendingPathComponent("corpus/fhir")
    return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
  }
}
