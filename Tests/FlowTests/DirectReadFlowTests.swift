import Foundation
import Testing

/// Plain reads by id, which are answered on the thread of their connection: nobody can tell them from others
/// but by their speed.
@Suite(.enabled(if: Program.isThere, "\(Program.absence)"))
struct DirectReadFlowTests {
  private struct Scene {
    let node: FlowNode
    let token: String
    let port: UInt16
    private let requests: (String, String) -> String

    init(_ node: FlowNode) async throws {
      self.node = node
      _ = try await node.take("p.json", Array(ServeFlowTests.patient.utf8))
      for id in ["o1", "o2", "o3"] {
        _ = try await node.take("\(id).json", Array(ServeFlowTests.observation(id).utf8))
      }
      try await node.serve(insecure: true)
      let token = try await node.token()
      self.token = token
      let url = try #require(node.insecureURL)
      port = try #require(url.split(separator: ":").last.flatMap { UInt16($0) })
      requests = { path, more in
        "GET \(path) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\n\(more)\r\n"
      }
    }

    func request(_ path: String, _ more: String = "") -> String { requests(path, more) }

    func connection() throws -> RawConnection { try RawConnection(port: port) }
  }

  /// A field that makes a request one which is not answered directly, and changes nothing.
  private static let long = "Prefer: handling=strict\r\n"

  @Test func itIsTheSameAnswer() async throws {
    let scene = try await Scene(FlowNode())
    let connection = try scene.connection()
    for path in ["/fhir/Patient/p", "/fhir/Observation/o2"] {
      try connection.send(scene.request(path, Self.long))
      var usual = try #require(connection.receiveAnswer())
      #expect(usual.status == 200)
      // The first of a form goes the usual way as well.
      for more in ["", "User-Agent: test\r\nAccept: */*\r\nConnection: keep-alive\r\n"] {
        for _ in 0..<3 {
          try connection.send(scene.request(path, more))
          var direct = try #require(connection.receiveAnswer())
          #expect(direct.status == 200 && direct.body == usual.body && !direct.body.isEmpty)
          #expect(direct.fields["x-request-id"] != usual.fields["x-request-id"])
          for name in ["x-request-id", "date"] {
            #expect(direct.fields.removeValue(forKey: name) != nil)
            usual.fields[name] = nil
          }
          #expect(direct.fields == usual.fields)
        }
      }
    }
  }

  @Test func answersComeInTheOrderOfTheRequests() async throws {
    let scene = try await Scene(FlowNode())
    let paths = [
      "/fhir/Observation/o1", "/fhir/Observation?code=1", "/fhir/Observation/o2",
      "/fhir/Observation/none", "/fhir/Observation/o3", "/fhir/Observation/o1?_elements=status",
      "/health/live", "/fhir/Patient/p",
    ]
    let ids: [String?] = ["o1", nil, "o2", nil, "o3", "o1", nil, "p"]
    let statuses = [200, 200, 200, 404, 200, 200, 200, 200]
    for inOne in [true, false] {
      let connection = try scene.connection()
      for _ in 0..<5 {
        // In one piece, and one behind the other without waiting for answers.
        let requests = paths.map { scene.request($0) }
        for piece in inOne ? [requests.joined()] : requests {
          try connection.send(piece)
          if !inOne { try await Task.sleep(for: .milliseconds(1)) }
        }
        for (number, id) in ids.enumerated() {
          let answer = try #require(connection.receiveAnswer(), "\(paths[number])")
          #expect(answer.status == statuses[number], "\(paths[number])")
          guard let id else { continue }
          #expect(String(decoding: answer.body, as: UTF8.self).contains(#""id":"\#(id)""#))
        }
      }
    }
  }

  /// What looks like a known request and is something else: cut in two, glued to others, with another token, with
  /// a body, or as the body of another.
  @Test func aRequestIsKnownByAllOfItsBytes() async throws {
    let scene = try await Scene(FlowNode())
    let read = scene.request("/fhir/Observation/o1")
    let connection = try scene.connection()
    func answers(_ pieces: [String], _ statuses: [Int]) async throws {
      for piece in pieces {
        try connection.send(piece)
        try await Task.sleep(for: .milliseconds(20))
      }
      for status in statuses { #expect(connection.receiveAnswer()?.status == status, "\(pieces)") }
      // Afterwards all is as before.
      for _ in 0..<3 {
        try connection.send(read)
        #expect(connection.receiveAnswer()?.status == 200, "\(pieces)")
      }
    }
    try await answers([read, read], [200, 200])
    for cut in [3, 5, 20, 40, read.utf8.count - 3, read.utf8.count - 1] {
      try await answers([String(read.prefix(cut)), String(read.dropFirst(cut))], [200])
    }
    try await answers([read + String(read.prefix(30)), String(read.dropFirst(30))], [200, 200])
    try await answers([read.replacingOccurrences(of: scene.token, with: "pct_x")], [401])
    try await answers([read.replacingOccurrences(of: "/o1", with: "/none")], [404])
    // A read as the body of a search, which it makes one that is refused.
    let form = "application/x-www-form-urlencoded"
    let head = """
      POST /fhir/Observation/_search HTTP/1.1\r\nHost: localhost\r\nContent-Type: \(form)\r\n\
      Authorization: Bearer \(scene.token)\r\nContent-Length: \(read.utf8.count)\r\n\r\n
      """
    try await answers([head, read], [400])
    try await answers([head + read, read], [400, 200])
    // As the rest of the fields of another read.
    try await answers(
      ["GET /fhir/Observation/o2 HTTP/1.1\r\nUser-Agent: ", read, read], [200, 200])
  }

  @Test func whoHasSaidAllIsStillAnswered() async throws {
    let scene = try await Scene(FlowNode())
    for _ in 0..<10 {
      let connection = try scene.connection()
      try connection.send(scene.request("/fhir/Patient/p") + scene.request("/fhir/Observation/o1"))
      connection.finishSending()
      for _ in 0..<2 { #expect(connection.receiveAnswer()?.status == 200) }
      #expect(connection.receiveHead() == nil)
    }
  }

  @Test func allAreInTheLogAndNoneAfterTheTokenIsRevoked() async throws {
    let scene = try await Scene(FlowNode())
    let paths = (0..<40).map { "/fhir/Observation/o\($0 % 3 + 1)" }
    let connections = try (0..<8).map { _ in try scene.connection() }
    var requests: Set<String> = []
    for path in paths {
      for connection in connections { try connection.send(scene.request(path)) }
      for connection in connections {
        let answer = try #require(connection.receiveAnswer())
        #expect(answer.status == 200)
        requests.insert(try #require(answer.fields["x-request-id"]))
      }
    }
    #expect(requests.count == paths.count * connections.count)
    // Those who ask together share an entry: it names every record and every request.
    var together = 0
    for event in try await scene.node.log() where event["kind"] as? String == "disclosure" {
      guard let request = event["request"] as? String else { continue }
      let all = event["requests"] as? [String] ?? [request]
      #expect(all.first == request)
      #expect((event["entities"] as? [String])?.count == all.count)
      requests.subtract(all)
      together = max(together, all.count)
    }
    #expect(requests.isEmpty && together > 1)
    let tokens = try await scene.node.must("token", "list", "--json").output
    let answer = try JSONSerialization.jsonObject(with: Data(tokens.utf8)) as? [String: Any]
    let list = try #require(answer?["tokens"] as? [[String: Any]])
    try await scene.node.must("token", "revoke", try #require(list.first?["id"] as? String))
    for connection in connections {
      try connection.send(scene.request(paths[0]))
      #expect(connection.receiveAnswer()?.status == 401)
    }
    #expect(try await scene.node.run("audit", "verify").status == 0)
  }

  @Test func aStopLosesNoAnswerThatWasLogged() async throws {
    let scene = try await Scene(FlowNode())
    let connection = try scene.connection()
    try connection.send(scene.request("/fhir/Patient/p"))
    #expect(connection.receiveAnswer()?.status == 200)
    try connection.send(scene.request("/fhir/Observation/o1"))
    let node = scene.node
    async let stopped = node.stop()
    // Answered, or not taken any more: never cut off in the middle.
    if let answer = connection.receiveAnswer() {
      #expect(answer.status == 200 || answer.status == 503)
      #expect(String(answer.body.count) == answer.fields["content-length"])
    }
    #expect(try await stopped == 0)
  }
}
