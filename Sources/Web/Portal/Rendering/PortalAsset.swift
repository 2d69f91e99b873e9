/// A file that browsers load once and keep: its name changes with its content.
package struct PortalAsset: Sendable {
  /// The file's name in the sources.
  package let file: String
  /// The name under `/assets/`.
  package let name: String
  package let type: String
  package let text: String

  /// The address of the file of that name in the sources.
  static func path(_ file: String) -> String {
    PortalFiles.assets.first { $0.file == file }.map { "/assets/\($0.name)" } ?? "/assets/\(file)"
  }
}
