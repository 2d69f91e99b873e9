/// Media types of the files that people seal, by the ending of their names.
enum MediaType {
  static let fhir = "application/fhir+json"
  private static let unknown = "application/octet-stream"

  private static let byEnding = [
    "csv": "text/csv", "dcm": "application/dicom", "gif": "image/gif", "htm": "text/html",
    "html": "text/html", "jpeg": "image/jpeg", "jpg": "image/jpeg", "json": "application/json",
    "md": "text/markdown", "mp4": "video/mp4", "ndjson": "application/fhir+ndjson",
    "pdf": "application/pdf", "png": "image/png", "rtf": "application/rtf", "tif": "image/tiff",
    "tiff": "image/tiff", "txt": "text/plain", "xml": "application/xml", "zip": "application/zip",
  ]

  static func guess(_ path: String) -> String {
    guard let dot = path.lastIndex(of: ".") else { return unknown }
    return byEnding[path[path.index(after: dot)...].lowercased()] ?? unknown
  }
}
