import Foundation

/// A service that speaks S3 (PyPI `moto`), started for the tests of this process and gone with it.
package final class ObjectServer: Sendable {
  /// Nil where moto is not at hand.
  package static let shared: ObjectServer? = try? ObjectServer()
  package static let absence =
    "no S3 service: Scripts/test names a Python with moto in PEERCHART_PYTHON"

  /// `http://127.0.0.1:PORT`; it has a bucket `charts`.
  package let url: String
  private let service: PythonService

  private init() throws {
    service = try PythonService("object_server.py", lines: 1)
    url = service.lines[0]
  }
}
