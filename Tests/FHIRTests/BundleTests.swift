import FHIR
import Primitives
import Testing

@Suite struct BundleTests {
  private func parse(_ entries: String, type: String = "batch") throws -> [BundleEntry] {
    let text = "{\"resourceType\":\"Bundle\",\"type\":\"\(type)\",\"entry\":[\(entries)]}"
    return Array(try ResourceBundle(parsing: Array(text.utf8)).entries)
  }

  @Test func readsEntriesInPlace() throws {
    let text = #"""
      {"resourceType":"Bundle","type":"transaction","total":3,"link":[{"relation":"next","url":"u"}],
      "entry":[
      {"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","id":"a","n":1.10},
       "request":{"method":"PUT","url":"Patient/a","ifMatch":"W/\"1\"","ifNoneMatch":"*",
       "ifNoneExist":"q=1","ifModifiedSince":"2026-01-01T00:00:00Z"}},
      {"request":{"method":"DELETE","url":"Patient/b"}},
      {"fullUrl":"http://x.example/Patient/c","search":{"mode":"include"},"response":{"status":"200"}}]}
      """#
    let bundle = try ResourceBundle(parsing: Array(text.utf8))
    #expect(bundle.kind == .transaction && bundle.count == 3 && bundle.total == 3)
    #expect(bundle.link("next") == "u" && bundle.link("self") == nil)
    let entries = Array(bundle.entries)
    #expect(entries.map(\.index) == [0, 1, 2])
    #expect(try entries[0].fullUrl == "urn:uuid:1")
    let resource = try #require(try entries[0].resource)
    #expect(resource.type == "Patient" && resource.id == "a")
    #expect(
      String(decoding: resource.bytes, as: UTF8.self)
        == #"{"resourceType":"Patient","id":"a","n":1.10}"#)
    #expect(
      try entries[0].request
        == .init(
          method: .put, url: "Patient/a", ifMatch: "W/\"1\"", ifNoneMatch: "*",
          ifNoneExist: "q=1", ifModifiedSince: "2026-01-01T00:00:00Z"))
    #expect(try entries[1].resource == nil)
    #expect(try entries[1].request?.method == .delete)
    #expect(entries[2].searchMode == "include")
    #expect(entries[2].response?["status"]?.string == "200")
  }

  @Test(arguments: [
    (#"{"resourceType":"Patient"}"#, "Patient"), (#"{"resourceType":"Bundle"}"#, "Bundle.type"),
    (#"{"resourceType":"Bundle","type":"bag"}"#, "Bundle.type"),
    (#"{"resourceType":"Bundle","type":"batch","entry":{}}"#, "Bundle.entry"),
  ])
  func refusesWhatIsNoBundle(_ text: String, _ place: String) {
    let error = #expect(throws: PeerChartError.self) {
      try ResourceBundle(parsing: Array(text.utf8))
    }
    #expect(error?.place == place)
  }

  @Test func aFaultyEntryIsItsOwnFault() throws {
    let entries = try parse(
      #"""
      {"resource":{"resourceType":"Patient"}}, 7, {"resource":{"resourceType":"Pat"}},
      {"request":{"method":"BREW","url":"x"}}, {"request":{"method":"GET"}}, {"fullUrl":"Patient/1"},
      {"request":{"method":"GET","url":"Patient","ifMatch":3}}, {"fullUrl":3}
      """#)
    func place(_ body: () throws -> Void) -> String? {
      #expect(throws: PeerChartError.self) { try body() }?.place
    }
    #expect(try entries[0].resource != nil)
    #expect(place { _ = try entries[1].resource } == "Bundle.entry[1]")
    #expect(place { _ = try entries[1].request } == "Bundle.entry[1]")
    #expect(place { _ = try entries[2].resource } == "Bundle.entry[2].resource.resourceType")
    #expect(place { _ = try entries[3].request } == "Bundle.entry[3].request.method")
    #expect(place { _ = try entries[4].request } == "Bundle.entry[4].request.url")
    #expect(place { _ = try entries[5].fullUrl } == "Bundle.entry[5].fullUrl")
    #expect(place { _ = try entries[6].request } == "Bundle.entry[6].request.ifMatch")
    #expect(place { _ = try entries[7].fullUrl } == "Bundle.entry[7].fullUrl")
  }

  @Test func aMillionEntriesAreTakenAndOneMoreIsNot() throws {
    func text(_ count: Int) -> [UInt8] {
      var text = Array(#"{"resourceType":"Bundle","type":"collection","entry":[{}"#.utf8)
      for _ in 1..<count { text += [0x2C, 0x7B, 0x7D] }
      return text + [0x5D, 0x7D]
    }
    let bundle = try ResourceBundle(parsing: text(1_000_000))
    #expect(bundle.count == 1_000_000)
    #expect(bundle.entries.reduce(0) { $0 &+ $1.index } == 499_999_500_000)
    let error = #expect(throws: PeerChartError.self) {
      try ResourceBundle(parsing: text(1_000_001))
    }
    #expect(error?.code == .tooLarge)
    #expect(error?.place == "Bundle.entry")
  }

  @Test func writesWhatItReads() throws {
    let bodies = [#"{"resourceType":"Basic", "v":1.10}"#, #"{"resourceType":"Patient","id":"p"}"#]
    var writer = BundleWriter(
      .searchset, id: "b1", timestamp: Instant(millisecondsSinceEpoch: 0), total: 2,
      links: [(relation: "self", url: "https://x.example/?a=\"b\"")])
    var bytes = writer.opening
    for body in bodies {
      bytes += writer.entry(
        fullUrl: "https://x.example/Basic/1", resource: Array(body.utf8), searchMode: "match")
    }
    bytes += writer.closing
    let bundle = try ResourceBundle(parsing: bytes)
    #expect(bundle.kind == .searchset && bundle.total == 2 && bundle.resource.id == "b1")
    #expect(bundle.link("self") == "https://x.example/?a=\"b\"")
    #expect(bundle.resource.root["timestamp"]?.string == "1970-01-01T00:00:00.000Z")
    let read = try bundle.entries.map {
      try $0.resource.map { String(decoding: $0.bytes, as: UTF8.self) }
    }
    #expect(read == bodies)
    #expect(bundle.entries.map(\.searchMode) == ["match", "match"])
  }

  @Test func writesResponsesAndHistories() throws {
    var writer = BundleWriter(.transactionResponse)
    let outcome = OperationOutcome.bytes(for: [])
    let entry = writer.entry(
      request: (method: "PUT", url: "Basic/1"),
      response: .init(
        status: "201 Created", location: "Basic/1/_history/1", etag: "W/\"1\"",
        lastModified: Instant(millisecondsSinceEpoch: 1), outcome: outcome))
    let bundle = try ResourceBundle(parsing: writer.opening + entry + writer.closing)
    let read = try #require(Array(bundle.entries).first)
    #expect(try read.request?.method == .put)
    #expect(read.response?["etag"]?.string == "W/\"1\"")
    #expect(read.response?["lastModified"]?.string == "1970-01-01T00:00:00.001Z")
    #expect(read.response?["outcome"].map { Array($0.raw) } == outcome)
  }

  @Test func anEmptyBundleHasNoEntryElement() {
    let writer = BundleWriter(.history, total: 0)
    #expect(
      String(decoding: writer.opening + writer.closing, as: UTF8.self)
        == #"{"resourceType":"Bundle","type":"history","total":0}"#)
  }
}

@Suite struct BundleNDJSONTests {
  private static let text =
    "{\"resourceType\":\"Basic\"}\r\n\n  \n{\"resourceType\":\"Patient\"}\n{\"x\":"

  @Test(arguments: [1, 2, 3, 7, 1000])
  func linesAreTheSameHoweverTheyArrive(_ size: Int) throws {
    var splitter = NDJSONSplitter()
    var lines: [NDJSONSplitter.Line] = []
    let bytes = Array(Self.text.utf8)
    for start in stride(from: 0, to: bytes.count, by: size) {
      lines += try splitter.split(Array(bytes[start..<min(start + size, bytes.count)]))
    }
    if let last = splitter.finish() { lines.append(last) }
    #expect(lines.map(\.number) == [1, 4, 5])
    #expect(try lines[0].resource().type == "Basic")
    #expect(String(decoding: lines[0].bytes, as: UTF8.self) == "{\"resourceType\":\"Basic\"}")
    #expect(try lines[1].resource().type == "Patient")
    let error = #expect(throws: PeerChartError.self) { try lines[2].resource() }
    #expect(error?.place == "line 5, $.x, byte 5")
    #expect(splitter.finish() == nil)
  }

  @Test func linesAreBounded() throws {
    var splitter = NDJSONSplitter(maximumLineBytes: 4)
    #expect(try splitter.split(Array("1234\n12".utf8)).map(\.number) == [1])
    #expect(try splitter.split(Array("34".utf8)).isEmpty)
    let error = #expect(throws: PeerChartError.self) { try splitter.split(Array("5".utf8)) }
    #expect(error?.code == .tooLarge)
    #expect(error?.place == "line 2")
  }
}
