import Foundation

/// A client of bulk exports and imports, over curl.
struct BulkClient {
  let curl: Curl

  struct File {
    let type: String
    let url: String
    let count: Int
  }

  struct Manifest {
    let job: String
    let json: [String: Any]

    func files(_ name: String) -> [File] {
      (json[name] as? [[String: Any]] ?? []).map {
        File(
          type: $0["type"] as? String ?? "", url: $0["url"] as? String ?? "",
          count: $0["count"] as? Int ?? -1)
      }
    }
  }

  /// Asks for a job and returns its address.
  func begin(
    _ path: String, _ body: String? = nil, _ more: String...
  ) async throws -> String {
    var curl = curl
    curl.options += ["-H", "Prefer: respond-async"] + more
    let answer = try await curl(body == nil ? "GET" : "POST", path, body)
    guard answer.status == 202, let place = answer.fields["content-location"] else {
      throw Program.Failure("\(path): \(answer.status) \(answer.body)")
    }
    return place
  }

  /// Waits for the manifest.
  func manifest(_ job: String) async throws -> Manifest {
    let json = try await eventually("the job") { () -> [String: Any]? in
      let answer = try await curl("GET", job)
      if answer.status == 200 { return answer.json }
      guard answer.status == 202 else {
        throw Program.Failure("\(answer.status) \(answer.body)")
      }
      return nil
    }
    return Manifest(job: job, json: json)
  }

  func export(_ path: String, _ body: String? = nil) async throws -> Manifest {
    try await manifest(try await begin(path, body))
  }

  /// Every line of the files, by `Type/id`; a line that is none is an error.
  func read(_ files: [File]) async throws -> [String: String] {
    var all: [String: String] = [:]
    for file in files {
      let answer = try await curl(
        "GET", file.url, nil, type: nil, "-H", "Accept: application/fhir+ndjson")
      guard answer.status == 200, answer.exit == 0,
        answer.fields["content-type"] == "application/fhir+ndjson"
      else { throw Program.Failure("\(file.url): \(answer.status) \(answer.body.prefix(300))") }
      for line in answer.body.split(separator: "\n") {
        guard
          let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
          let type = object["resourceType"] as? String, type == file.type
        else { throw Program.Failure("a line is no \(file.type)") }
        let name = "\(type)/\(object["id"] as? String ?? String(all.count))"
        guard all.updateValue(String(line), forKey: name) == nil else {
          throw Program.Failure("\(name) comes twice")
        }
      }
    }
    return all
  }
}
