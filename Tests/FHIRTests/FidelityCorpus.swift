import Foundation
import TestSupport

/// Other people's FHIR files, where they are there.
enum FidelityCorpus {
  static var folder: URL? { SharedFolder.corpus }
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
}
