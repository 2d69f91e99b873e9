import Foundation

/// Requests made by curl: a TLS and HTTP client that is not ours.
struct Curl {
  struct Answer {
    /// 0 where there was no answer at all.
    let status: Int
    /// Field names in lower case.
    let fields: [String: String]
    let body: String
    /// curl's own exit status.
    let exit: Int32
    var json: [String: Any]? {
      (try? JSONSerialization.jsonObject(with: Data(body.utf8))) as? [String: Any]
    }
    /// Of an OperationOutcome: its first issue's text and place.
    var issue: (text: String, place: String) {
      let issue = (json?["issue"] as? [[String: Any]])?.first
      return (
        (issue?["details"] as? [String: Any])?["text"] as? String ?? "",
        issue?["diagnostics"] as? String ?? ""
      )
    }
  }

  let node: FlowNode
  var token: String?
  /// Options of every request.
  var options: [String] = []

  func callAsFunction(
    _ method: String = "GET", _ path: String, _ body: String? = nil,
    type: String? = "application/fhir+json", _ more: String...
  ) async throws -> Answer {
    var arguments = options + more
    let folder = try TemporaryFolder()
    if let body {
      let file = try folder.write("body", Array(body.utf8))
      arguments += ["--data-binary", "@" + file]
      arguments += ["-H", type.map { "Content-Type: \($0)" } ?? "Content-Type:"]
    }
    if let token { arguments += ["-H", "Authorization: Bearer \(token)"] }
    if method != "GET" || body != nil { arguments += ["-X", method] }
    let outcome = try await Program.run(
      "/usr/bin/curl",
      [
        "--silent", "--globoff", "--max-time", "300", "--cacert", node.ca, "--dump-header",
        folder.path + "/head",
        "--output", folder.path + "/answer",
      ] + arguments + [path.hasPrefix("http") ? path : node.url + path])
    func text(_ name: String) -> String {
      String(
        decoding: FileManager.default.contents(atPath: folder.path + "/" + name) ?? Data(),
        as: UTF8.self)
    }
    // Of several heads (100 Continue) the last one counts.
    let heads = text("head").replacing("\r\n", with: "\n").components(separatedBy: "\n\n")
    let head = heads.last { !$0.isEmpty } ?? ""
    let lines = head.split(separator: "\n")
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      fields[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
    }
    let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return Answer(status: status, fields: fields, body: text("answer"), exit: outcome.status)
  }
}
