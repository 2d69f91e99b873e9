import FHIR
import Foundation
import Testing

/// The published definitions of FHIR and US Core, where they are there.
enum Definitions {
  static let folder: URL? = {
    let folder = FidelityCorpus.folder?.deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("definitions")
    return folder.flatMap { FileManager.default.fileExists(atPath: $0.path) ? $0 : nil }
  }()

  static var isPresent: Bool { folder != nil }

  /// The resources in a Bundle of definitions.
  static func resources(_ path: String) throws -> [JSONValue] {
    let file = try #require(folder).appendingPathComponent(path)
    let document = try JSONDocument(parsing: FidelityCorpus.bytes(of: file))
    return document.root["entry"]?.elements.compactMap { $0["resource"] } ?? []
  }
}
