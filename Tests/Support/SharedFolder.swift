package import Foundation

/// The folder `shared` with other people's FHIR files and published definitions, where it is there.
package enum SharedFolder {
  /// Named by `PEERCHART_SHARED`, or beside one of the folders above this file.
  package static let url: URL? = {
    if let named = ProcessInfo.processInfo.environment["PEERCHART_SHARED"] {
      return existing(URL(fileURLWithPath: named))
    }
    var place = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    while place.path != "/" {
      place = place.deletingLastPathComponent()
      if let found = existing(place.appendingPathComponent("shared")) { return found }
    }
    return nil
  }()

  /// The folder `corpus/fhir` in it.
  package static var corpus: URL? { url?.appendingPathComponent("corpus/fhir") }

  private static func existing(_ folder: URL) -> URL? {
    let corpus = folder.appendingPathComponent("corpus/fhir").path
    return FileManager.default.fileExists(atPath: corpus) ? folder : nil
  }
}
