import Foundation

/// Finds the folder with public test vectors that lies outside the repository.
enum SharedVectors {
  static let folder: URL? = {
    let named = ProcessInfo.processInfo.environment["PEERCHART_SHARED"].map { URL(filePath: $0) }
    if let named { return isShared(named) ? named.appending(path: "vectors") : nil }
    var place = URL(filePath: #filePath)
    while place.path() != "/" {
      place = place.deletingLastPathComponent()
      let candidate = place.appending(path: "shared")
      if isShared(candidate) { return candidate.appending(path: "vectors") }
    }
    return nil
  }()

  static var areHere: Bool { folder != nil }
  static let absent = "the folder with public test vectors is not here"

  private static func isShared(_ folder: URL) -> Bool {
    FileManager.default.fileExists(atPath: folder.appending(path: "corpus").path())
  }

  /// All JSON files below a folder of the vectors.
  static func json(below path: String) -> [URL] {
    guard let folder,
      let files = FileManager.default.enumerator(
        at: folder.appending(path: path), includingPropertiesForKeys: nil)
    else { return [] }
    return files.compactMap { $0 as? URL }.filter { $0.pathExtension == "json" }
  }
}
