import Foundation
import Synchronization
import TestSupport
import Testing

/// Images and documents: in blobs, sealed, whole, and bounded.
@Suite(.serialized, .enabled(if: Program.isThere, "\(Program.absence)"))
struct LargeBodyFlowTests {
  /// Base64 of bytes that nothing compresses.
  static func content(_ seed: UInt64, bytes: Int) -> String {
    var random = SeededGenerator(state: seed)
    var data = Data(capacity: bytes)
    while data.count < bytes {
      withUnsafeBytes(of: random.next()) { data.append(contentsOf: $0) }
    }
    return data.prefix(bytes).base64EncodedString()
  }

  static func document(_ id: String, _ content: String) -> String {
    #"{"resourceType":"DocumentReference","id":"\#(id)","status":"current","subject":{"reference":"Patient/p"},"content":[{"attachment":{"contentType":"image/png","data":"\#(content)"}}]}"#
  }

  private static let patient = #"{"resourceType":"Patient","id":"p"}"#

  private func content(of answer: Curl.Answer) -> String? {
    let content = (answer.json?["content"] as? [[String: Any]])?.first
    return (content?["attachment"] as? [String: Any])?["data"] as? String
      ?? answer.json?["data"] as? String
  }

  /// Regular files below a folder.
  static func files(below path: String) -> [String] {
    (FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? [])
      .map { path + "/" + $0 }
      .filter {
        (try? FileManager.default.attributesOfItem(atPath: $0)[.type]) as? FileAttributeType
          == .typeRegular
      }
  }

  @Test(arguments: FlowEngine.allCases)
  func aLargeAttachmentComesBackToTheByte(engine: FlowEngine) async throws {
    let folder = try TemporaryFolder()
    let blobs = folder.path + "/blobs"
    let node = try await FlowNode(database: engine.cluster(), "--blobs", blobs)
    try await node.serve()
    let curl = Curl(node: node, token: try await node.token())
    let scan = Self.content(1, bytes: 20 << 20)
    let image = Self.content(2, bytes: 3 << 20)
    #expect(try await curl("PUT", "/fhir/Patient/p", Self.patient).status == 201)
    let binary = #"{"resourceType":"Binary","id":"b","contentType":"image/png","data":"\#(scan)"}"#
    #expect(try await curl("PUT", "/fhir/Binary/b", binary).status == 201)
    #expect(
      try await curl("PUT", "/fhir/DocumentReference/d", Self.document("d", image)).status == 201)
    #expect(
      try await curl("PUT", "/fhir/DocumentReference/d", Self.document("d", scan)).status == 200)
    try await node.stop()
    try await node.serve()
    let again = Curl(node: node, token: try await node.token())
    let accept = ["-H", "Accept: application/fhir+json"]
    let found = try await again("GET", "/fhir/Binary/b", nil, type: nil, accept[0], accept[1])
    #expect(content(of: found) == scan)
    #expect(content(of: try await again("GET", "/fhir/DocumentReference/d")) == scan)
    #expect(content(of: try await again("GET", "/fhir/DocumentReference/d/_history/1")) == image)
    let list = try await again("GET", "/fhir/DocumentReference?patient=p")
    #expect(list.body.contains(scan.prefix(100)))

    // What lies in the folder: three blobs, and nothing that was in them.
    let written = Self.files(below: blobs)
    #expect(written.count == 3)
    let needles = [scan, image].flatMap { text in
      let data = Data(base64Encoded: text) ?? Data()
      return [Data(text.utf8.prefix(60)), data.prefix(24), data.suffix(24)]
    }
    for file in written + Self.files(below: node.path) {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
      for needle in needles + [Data("DocumentReference".utf8)] {
        #expect(bytes.range(of: needle) == nil, "\(file)")
      }
    }
    #expect(try await node.isLogClean())

    // One that is changed is refused and says so; the others are read.
    for file in written {
      let handle = try FileHandle(forUpdating: URL(fileURLWithPath: file))
      let bytes = try handle.readToEnd() ?? Data()
      guard bytes.count > 16 << 20 else { continue }
      try handle.seek(toOffset: 1 << 20)
      try handle.write(contentsOf: [bytes[1 << 20] ^ 1])
      try handle.close()
    }
    let changed = try await again("GET", "/fhir/DocumentReference/d")
    #expect(changed.status == 500 && changed.issue.text.contains("large body"), "\(changed.body)")
    #expect(content(of: try await again("GET", "/fhir/DocumentReference/d/_history/1")) == image)
    // One that is gone is noticed before anybody asks for it.
    #expect(try await node.isLogClean())
    for file in written { try FileManager.default.removeItem(atPath: file) }
    let verified = try await node.run("audit", "verify", "--json")
    #expect(verified.status == 1 && verified.output.contains("body-missing"), "\(verified.output)")
    #expect(try await again("GET", "/fhir/Patient/p").status == 200)
  }

  @Test func aDestroyedChartTakesItsBodiesAlong() async throws {
    let node = try await FlowNode()
    try await node.serve()
    let curl = Curl(node: node, token: try await node.token())
    #expect(try await curl("PUT", "/fhir/Patient/p", Self.patient).status == 201)
    for (id, type) in [("d", "DocumentReference/d"), ("e", "DocumentReference/e")] {
      let body = Self.document(id, Self.content(3, bytes: 1 << 20))
        .replacing("Patient/p", with: id == "d" ? "Patient/p" : "Patient/q")
      #expect(try await curl("PUT", "/fhir/\(type)", body).status == 201)
    }
    try await node.stop()
    #expect(Self.files(below: node.path + "/blobs").count == 2)
    try await node.must("key", "destroy", "--patient", "p", "--yes")
    #expect(Self.files(below: node.path + "/blobs").count == 1)
    #expect(try await node.isLogClean())
  }

  @Test(arguments: FlowEngine.allCases)
  func killedAtAnyMomentWhatWasAcknowledgedIsWhole(engine: FlowEngine) async throws {
    let seed = UInt64.random(in: 0 ... .max)
    print("kill -9 with large bodies: seed \(seed)")
    var random = SeededGenerator(state: seed)
    let folder = try TemporaryFolder()
    let node = try await FlowNode(
      database: engine.cluster(), "--blobs", folder.path + "/blobs")
    let token = try await node.token("--ttl", "1d")
    var known: [String: UInt64] = [:]
    let rounds = UInt64(Program.isFull ? 30 : 5)
    for round in 0..<rounds {
      try await node.serve()
      let isAnyThere = Flag()
      let curl = Curl(node: node, token: token)
      try await withThrowingTaskGroup(of: [String: UInt64].self) { group in
        for worker in UInt64(0)..<3 {
          group.addTask {
            var acknowledged: [String: UInt64] = [:]
            for number in UInt64(0)..<40 {
              let content = round << 16 | worker << 8 | number
              let id = "r\(round)w\(worker)n\(number % 3)"
              let answer = try await curl(
                "PUT", "/fhir/DocumentReference/\(id)",
                Self.document(id, Self.content(content, bytes: 300_000)))
              guard [200, 201].contains(answer.status) else { break }
              acknowledged[id] = content
              isAnyThere.raise()
            }
            return acknowledged
          }
        }
        // However busy the machine is, something was acknowledged before the last of them.
        if round == rounds - 1, known.isEmpty {
          _ = try await eventually("a write") { isAnyThere.isRaised ? true : nil }
        }
        try await Task.sleep(for: .milliseconds(Int.random(in: 150...1500, using: &random)))
        try await node.stop(SIGKILL)
        for try await some in group { known.merge(some) { $1 } }
      }
    }
    try await node.serve()
    let curl = Curl(node: node, token: token)
    #expect(!known.isEmpty)
    for (id, number) in known {
      // A version behind the acknowledged one may have come through as well.
      let answer = try await curl("GET", "/fhir/DocumentReference/\(id)")
      let next = number + 3
      let found = content(of: answer)
      #expect(
        found == Self.content(number, bytes: 300_000)
          || found == Self.content(next, bytes: 300_000),
        "\(id)")
    }
    #expect(try await node.isLogClean())
  }

  @Test func whatIsTooLargeIsRefusedInBoundedMemory() async throws {
    let node = try await FlowNode()
    try await node.serve(insecure: true)
    let token = try await node.token()
    let curl = Curl(node: node, token: token)
    let file = node.home.path + "/large"
    #expect(FileManager.default.createFile(atPath: file, contents: nil))
    let handle = try #require(FileHandle(forWritingAtPath: file))
    try handle.write(contentsOf: Data(#"{"resourceType":"Binary","data":""#.utf8))
    for _ in 0..<100 { try handle.write(contentsOf: Data(repeating: 0x41, count: 1 << 20)) }
    try handle.write(contentsOf: Data(#""}"#.utf8))
    try handle.close()
    let before = try peakMemory(of: node.processIdentifier)
    for path in ["/fhir/Binary", "/fhir"] {
      for field in ["X-Length: said", "Transfer-Encoding: chunked"] {
        let answer = try await curl(
          "POST", path, nil, type: nil, "--upload-file", file, "-H", field, "-H",
          "Content-Type: application/fhir+json", "-H", "Expect:")
        // Where the answer came while curl was still sending, it may have lost it.
        #expect([413, 0].contains(answer.status), "\(path) \(field): \(answer.status)")
        if answer.status == 413 { #expect(answer.issue.text.contains("larger than")) }
      }
    }
    let peak = try peakMemory(of: node.processIdentifier)
    #expect(peak - before < 400 << 20, "it took \((peak - before) >> 20) MiB")

    // A body that stops half way: nothing is stored, and the next request is served.
    let port = try #require(
      UInt16(node.insecureURL?.split(separator: ":").last.map(String.init) ?? ""))
    let part = String(repeating: "A", count: 1 << 20)
    for isCut in [true, false] {
      let connection = try RawConnection(port: port)
      try connection.send(
        "PUT /fhir/Binary/half HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\n"
          + "Content-Type: application/fhir+json\r\nTransfer-Encoding: chunked\r\n\r\n")
      try connection.send(
        "40\r\n" + #"{"resourceType":"Binary","id":"half","contentType":"a/b","data":"#.prefix(64)
          + "\r\n")
      for _ in 0..<8 { try connection.send("100000\r\n" + part + "\r\n") }
      if isCut {
        connection.close()
      } else {
        try connection.send("not a chunk\r\n\r\n")
        let answer = connection.receiveAnswer()
        #expect(answer.map { $0.status == 400 } ?? true)
      }
      #expect(try await curl("GET", "/fhir/Binary/half").status == 404)
    }
    #expect(Self.files(below: node.path + "/blobs").isEmpty)
    #expect(try await node.isLogClean())
  }

  private func peakMemory(of process: Int32) throws -> Int {
    let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first).flatMap { Int($0) }
      .map { $0 << 10 } ?? 0
  }

  // MARK: Buckets

  private static let key =
    "[default]\naws_access_key_id = test\naws_secret_access_key = test/secret\n"

  @Test(.enabled(if: ObjectServer.shared != nil, "\(ObjectServer.absence)"))
  func aNodeWithABucket() async throws {
    let server = try #require(ObjectServer.shared)
    let folder = try TemporaryFolder()
    let key = try folder.write("key", Array(Self.key.utf8))
    let node = try await FlowNode(
      "household", "--blobs", "s3://charts/flow", "--s3-endpoint", server.url, "--s3-credentials",
      key)
    let configuration = try String(contentsOfFile: node.path + "/node.json", encoding: .utf8)
    #expect(configuration.contains("charts") && !configuration.contains("secret"))
    try await node.serve()
    let curl = Curl(node: node, token: try await node.token())
    let scan = Self.content(5, bytes: 2 << 20)
    #expect(
      try await curl("PUT", "/fhir/DocumentReference/d", Self.document("d", scan)).status == 201)
    #expect(content(of: try await curl("GET", "/fhir/DocumentReference/d")) == scan)
    let listed = String(decoding: try await server.get("?list-type=2&prefix=flow/"), as: UTF8.self)
    let name = try #require(
      listed.components(separatedBy: "<Key>").dropFirst().first?.prefix { $0 != "<" })
    let object = try await server.get("/" + name)
    #expect(object.count > 1 << 20 && object.range(of: Data(scan.utf8.prefix(40))) == nil)
    try await node.stop()
    #expect(!FileManager.default.fileExists(atPath: node.path + "/blobs"))
    #expect(try await node.isLogClean())
    #expect(try await node.exported().joined().contains(scan.prefix(100)))
    // Bodies are not left behind.
    let elsewhere = try await node.run(
      "serve", "--listen", "127.0.0.1:0", "--blobs", folder.path + "/elsewhere")
    #expect(elsewhere.status == 1 && elsewhere.errors.contains("lie elsewhere"))
    // Copied as they are, they may.
    let copy = folder.path + "/copy/" + name.dropFirst("flow/".count)
    try FileManager.default.createDirectory(
      atPath: String(copy.prefix(upTo: copy.lastIndex(of: "/") ?? copy.endIndex)),
      withIntermediateDirectories: true)
    try object.write(to: URL(fileURLWithPath: copy))
    let serving = try ChildProcess(
      try #require(Program.path),
      [
        "serve", "--data", node.path, "--listen", "127.0.0.1:0", "--blobs", folder.path + "/copy",
      ])
    _ = try await eventually("the new place is remembered") {
      try String(contentsOfFile: node.path + "/node.json", encoding: .utf8).contains("copy")
        ? true : nil
    }
    serving.send(SIGTERM)
    await serving.ended()
    #expect(try await node.exported().joined().contains(scan.prefix(100)))
  }

  @Test func wrongPlaces() async throws {
    let folder = try TemporaryFolder()
    let port = try #require(UInt16("1"))
    for (arguments, reason) in [
      (["--blobs", "s3://Charts"], "lower-case"),
      (["--blobs", "s3://charts", "--s3-endpoint", "http://example.org"], "without TLS"),
      (["--blobs", folder.path, "--s3-endpoint", "https://example.org"], "--blobs s3://"),
      (["--blobs", "s3://charts", "--s3-credentials", folder.path + "/none"], "cannot be read"),
      (
        [
          "--blobs", "s3://charts", "--s3-endpoint", "http://127.0.0.1:\(port)", "--s3-credentials",
          try folder.write("key", Array(Self.key.utf8)),
        ], "cannot be reached"
      ),
    ] {
      let outcome = try await Program.run(
        try #require(Program.path),
        ["init", "--data", folder.path + "/data", "--name", "Flow", "--kind", "household"]
          + arguments)
      #expect(outcome.status == 1 && outcome.errors.contains(reason), "\(outcome.errors)")
      #expect(!outcome.errors.contains("secret"))
    }
    let usage = try await Program.run(
      try #require(Program.path),
      ["init", "--data", folder.path + "/data", "--name", "Flow", "--kind", "household"]
        + ["--s3-region", "eu-west-1"])
    #expect(usage.status == 64 && usage.errors.contains("--blobs"))
  }

  @Test(
    .enabled(if: DatabaseCluster.isPossible, "\(DatabaseCluster.absence)"),
    .enabled(if: ObjectServer.shared != nil, "\(ObjectServer.absence)"), arguments: [false, true])
  func aNodeMovesWithItsBodies(toBucket: Bool) async throws {
    let cluster = try await DatabaseCluster()
    let server = try #require(ObjectServer.shared)
    let node = try await FlowNode()
    let scans = [Self.content(6, bytes: 1 << 20), Self.content(7, bytes: 300_000)]
    let lines = [Self.patient] + scans.enumerated().map { Self.document("d\($0)", $1) }
    _ = try await node.take("documents.ndjson", Array(lines.joined(separator: "\n").utf8))
    let before = try await node.exported()
    #expect(Self.files(below: node.path + "/blobs").count == 2)
    let key = try node.home.write("key", Array(Self.key.utf8))
    let outcome = try await Program.run(
      try #require(Program.path),
      [
        "migrate", "--from", node.path, "--to", cluster.url, "--database-password-file",
        cluster.passwordFile, "--json",
      ]
        + (toBucket
          ? [
            "--blobs", "s3://charts/moved", "--s3-endpoint", server.url, "--s3-credentials", key,
          ] : []))
    #expect(outcome.status == 0, "\(outcome.errors)")
    if toBucket { try FileManager.default.removeItem(atPath: node.path + "/blobs") }
    #expect(try await node.exported() == before)
    #expect(try await node.isLogClean())
    try await node.serve()
    let curl = Curl(node: node, token: try await node.token())
    #expect(content(of: try await curl("GET", "/fhir/DocumentReference/d0")) == scans[0])
    #expect(
      try await curl("PUT", "/fhir/DocumentReference/d2", Self.document("d2", scans[0])).status
        == 201)
    try await node.stop()
    #expect(try await node.exported().count == before.count + 1)
    #expect(Self.files(below: node.path + "/blobs").count == (toBucket ? 0 : 3))
  }
}

/// Something that happens once, seen from several tasks.
private final class Flag: Sendable {
  private let state = Mutex(false)
  var isRaised: Bool { state.withLock { $0 } }
  func raise() { state.withLock { $0 = true } }
}
