import Foundation

/// `wrk`: asks for a list of paths over and over, on connections that stay open, each connection as soon
/// as it has its answer. The same for us and for peers.
struct LoadGenerator {
  /// What one run came to.
  struct Outcome {
    let requests: Double
    /// How long it ran, in seconds.
    let seconds: Double
    /// Of everything that came back, heads included.
    let bytes: Double
    /// Seconds from request to answer.
    let median: Double
    let slowestHundredth: Double
    let slowestTwentieth: Double

    var rate: Double { requests / seconds }
  }

  let folder: TemporaryFolder

  /// - Parameter cookies: one for each path, or none.
  /// - Throws: when an answer is an error: a refusal is fast, and no figure.
  func run(
    _ address: String, paths: [String], token: String? = nil, cookies: [String] = [],
    connections: Int, span: Double
  ) throws -> Outcome {
    let host = address.dropFirst("https://".count)
    let credentials = token.map { "Authorization: Bearer \($0)\\r\\n" } ?? ""
    let requests = paths.enumerated().map { number, path in
      let cookie = number < cookies.count ? "Cookie: \(cookies[number])\\r\\n" : ""
      return "GET \(path) HTTP/1.1\\r\\nHost: \(host)\\r\\n\(credentials)\(cookie)\\r\\n"
    }
    return try run(address, requests: requests, connections: connections, span: span)
  }

  /// Sends each of the forms once, in turn.
  ///
  /// - Throws: as above, also when there are too few of them.
  func run(
    _ address: String, posting forms: [String], to path: String, connections: Int, span: Double
  ) throws -> Outcome {
    let host = address.dropFirst("https://".count)
    let requests = forms.map { form in
      "POST \(path) HTTP/1.1\\r\\nHost: \(host)\\r\\n"
        + "Content-Type: application/x-www-form-urlencoded\\r\\n"
        + "Content-Length: \(form.utf8.count)\\r\\n\\r\\n\(form)"
    }
    return try run(address, requests: requests, connections: connections, span: span)
  }

  private func run(
    _ address: String, requests: [String], connections: Int, span: Double
  ) throws -> Outcome {
    let script = folder.file("requests.lua")
    try self.script(requests).write(toFile: script, atomically: true, encoding: .utf8)
    let output = try ChildProcess.output(
      of: "wrk",
      [
        "--threads", "1", "--connections", String(connections), "--duration",
        "\(max(1, Int(span.rounded())))s", "--timeout", "20s", "--latency", "--script", script,
        address,
      ], in: folder)
    let numbers = output.split(separator: "\n").last { $0.hasPrefix("outcome ") }?
      .split(separator: " ").dropFirst().compactMap { Double($0) }
    guard let numbers, numbers.count == 7 else { throw BenchFailure("wrk tells no outcome") }
    guard numbers[5] == 0, numbers[0] > 0 else {
      throw BenchFailure("\(Int(numbers[5])) of \(Int(numbers[0])) answers were errors")
    }
    return Outcome(
      requests: numbers[0], seconds: numbers[1] / 1e6, bytes: numbers[2], median: numbers[3] / 1e6,
      slowestHundredth: numbers[4] / 1e6, slowestTwentieth: numbers[6] / 1e6)
  }

  /// Whole requests, so that making them costs the generator nothing.
  private func script(_ requests: [String]) -> String {
    let requests = requests.map { "  \"\($0)\"," }.joined(separator: "\n")
    return """
      local requests = {
      \(requests)
      }
      local number = 0
      function request()
        number = number % #requests + 1
        return requests[number]
      end
      function done(summary, latency)
        local errors = summary.errors
        io.write(string.format("outcome %d %d %d %d %d %d %d\\n",
          summary.requests, summary.duration, summary.bytes, latency:percentile(50),
          latency:percentile(99),
          errors.connect + errors.read + errors.write + errors.status + errors.timeout,
          latency:percentile(95)))
      end
      """
  }
}
