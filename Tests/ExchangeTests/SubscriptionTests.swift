import Consent
import Exchange
import FHIR
import Identity
import Node
import Primitives
import Testing

/// Subscriptions without a network, on a clock that stands still.
@Suite struct SubscriptionTests {
  private static let extensions =
    "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/"

  private static func body(
    _ filter: String = "Observation?patient=p", content: String = "id-only", more: String = "",
    channel: String = ""
  ) -> [UInt8] {
    Sample.json(
      """
      {"resourceType":"Subscription","status":"requested","reason":"A test",\(more)
       "criteria":"urn:peerchart:subscription-topic:resource-changed",
       "_criteria":{"extension":[{"url":"\(extensions)backport-filter-criteria",
         "valueString":"\(filter)"}]},
       "channel":{"type":"rest-hook","endpoint":"https://example.org/hook",\(channel)
         "payload":"application/fhir+json",
         "_payload":{"extension":[{"url":"\(extensions)backport-payload-content",
           "valueCode":"\(content)"}]}}}
      """)
  }

  /// A household with a patient, and somebody's subscription that is active.
  private struct Scene {
    let node: TestNode
    let notifier = RecordingNotifier()
    let caller: Caller
    let id: String

    init(_ body: [UInt8] = SubscriptionTests.body(), role: Role = .system) async throws {
      node = try await TestNode()
      try await node.store(Sample.patient("p"), Sample.patient("q"))
      caller = try await node.bearer(role, lifetime: 864_000)
      id = try await node.exchange.create("Subscription", body, as: caller).resource.id
      try await work()
    }

    /// What the workers of a served node do.
    @discardableResult
    func work() async throws -> Int64? {
      try await node.exchange.followChanges()
      return try await node.exchange.notifySubscribers(using: notifier)
    }

    func status() async throws -> String {
      let resource = try await node.exchange.read("Subscription", id: id, as: node.owner)
      return try Resource(parsing: resource.json).root["status"]?.string ?? ""
    }

    func put(_ name: String, of patient: String = "p") async throws {
      try await node.store(Sample.observation(name, of: patient))
    }
  }

  @Test func anEndpointIsTriedForThreeDays() async throws {
    let scene = try await Scene()
    #expect(try await scene.status() == "active")
    scene.notifier.answers { _ in throw PeerChartError(.unreachable, "nobody") }
    try await scene.put("one")
    var pauses: [Int64] = []
    while try await scene.status() != "off", pauses.count < 200 {
      guard let wait = try await scene.work() else { break }
      if wait > 0 {
        pauses.append(wait / 1000)
        scene.node.clock.advance(seconds: wait / 1000)
      }
      if pauses.count == 3 { #expect(try await scene.status() == "error") }
    }
    #expect(try await scene.status() == "off")
    #expect(pauses.prefix(5) == [2, 4, 8, 16, 32] && pauses.max() == 3600)
    #expect(Set(scene.notifier.all.dropFirst().map(\.numbers)) == [[1]])
  }

  @Test func anExpiredTokenEndsIt() async throws {
    let scene = try await Scene()
    try await scene.put("one")
    try await scene.work()
    #expect(scene.notifier.numbers == [1])
    scene.node.clock.advance(seconds: 864_001)
    try await scene.put("two")
    try await scene.work()
    #expect(try await scene.status() == "off")
    #expect(scene.notifier.numbers == [1])
  }

  @Test func itEndsWhenItSaysSo() async throws {
    let scene = try await Scene(Self.body(more: #""end":"2026-03-01T10:00:00Z","#))
    try await scene.put("one")
    try await scene.work()
    scene.node.clock.advance(seconds: 3600)
    try await scene.work()
    #expect(try await scene.status() == "off")
    try await scene.put("two")
    try await scene.work()
    #expect(scene.notifier.numbers == [1])
    #expect(
      await outcome {
        try await scene.node.exchange.create(
          "Subscription", Self.body(more: #""end":"2026-03-01T10:00:00Z","#), as: scene.caller)
      } == "invalid")
  }

  /// Many workers, as several instances have them: one of them tells, in order.
  @Test func whoeverWorksEachEventIsToldOnce() async throws {
    let scene = try await Scene()
    let beside = try await scene.node.beside()
    for number in 0..<12 { try await scene.put("o\(number)") }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for exchange in [scene.node.exchange, beside.exchange] {
        for _ in 0..<3 {
          group.addTask { try await exchange.followChanges() }
          group.addTask { _ = try await exchange.notifySubscribers(using: scene.notifier) }
        }
      }
      try await group.waitForAll()
    }
    try await scene.work()
    #expect(scene.notifier.numbers == Array(1...12))
    await beside.close()
  }

  /// A worker that is cancelled in the middle of a call keeps nobody from making it once more.
  @Test func aCallThatIsBrokenOffIsMadeAgain() async throws {
    let scene = try await Scene()
    try await scene.put("one")
    scene.notifier.answers { _ in throw CancellationError() }
    await #expect(throws: CancellationError.self) { try await scene.work() }
    scene.notifier.answers { _ in 204 }
    try await scene.work()
    #expect(scene.notifier.numbers == [1, 1])
    try await scene.work()
    #expect(scene.notifier.numbers == [1, 1])
  }

  @Test func severalEventsInOneNotification() async throws {
    let scene = try await Scene(
      Self.body(
        channel:
          #""extension":[{"url":"\#(Self.extensions)backport-max-count","valuePositiveInt":5}],"#
      ))
    for number in 0..<12 { try await scene.put("o\(number)") }
    try await scene.work()
    #expect(
      scene.notifier.all.dropFirst().map(\.numbers) == [
        Array(1...5), Array(6...10), Array(11...12),
      ])
  }

  /// Of what is kept, old events go; numbers go on.
  @Test func oldEventsAreKeptNoLonger() async throws {
    let scene = try await Scene()
    try await scene.put("old")
    try await scene.work()
    scene.node.clock.advance(seconds: 8 * 86_400)
    for number in 0..<3 { try await scene.put("o\(number)") }
    try await scene.work()
    func kept(_ first: Int64?, _ last: Int64?) async throws -> [Int64] {
      RecordingNotifier.numbers(
        in: try await scene.node.exchange.subscriptionEvents(
          scene.id, from: first, through: last, content: nil, as: scene.caller))
    }
    #expect(try await kept(nil, nil) == [2, 3, 4])
    #expect(try await kept(3, 3) == [3])
    #expect(try await kept(5, nil).isEmpty)
    #expect(scene.notifier.numbers == [1, 2, 3, 4])
    let other = try await scene.node.bearer(.system)
    #expect(
      await outcome {
        try await scene.node.exchange.subscriptionEvents(
          scene.id, from: nil, through: nil, content: nil, as: other)
      } == "forbidden", "another token is another subscriber")
  }

  /// Whatever happens in whatever order: numbered and told is what the subscriber could search at the time.
  @Test func eventsAreThoseThatTheSubscriberMayRead() async throws {
    var random = SeededGenerator()
    print("random changes under random consents: seed \(random.seed)")
    let scene = try await Scene(Self.body(content: "full-resource"), role: .clinician)
    var grants: [String: String] = [:]
    var alive: Set<String> = []
    var told: [String] = []
    for step in 0..<120 {
      let isLaboratory = Bool.random(using: &random)
      let name = (isLaboratory ? "lab" : "vital") + String(Int.random(in: 0..<4, using: &random))
      let type: RecordType = isLaboratory ? .labResults : .vitalSigns
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<2:
        if let grant = grants.removeValue(forKey: type.rawValue) {
          try await scene.node.exchange.revoke(grant, as: scene.node.owner)
        } else {
          let grant = try await scene.node.exchange.grant(
            GrantDraft(
              patient: "p", grantee: .node(scene.node.id), types: RecordTypeSet([type]),
              purposes: .treatment, actions: [.read, .search],
              seconds: 86_400), as: scene.node.owner)
          grants[type.rawValue] = grant.id
        }
      case 2..<4:
        guard alive.remove(name) != nil else { continue }
        _ = try await scene.node.exchange.delete(
          "Observation", id: name, expecting: .any, as: scene.node.owner)
        if grants[type.rawValue] != nil { told.append("DELETE Observation/\(name)") }
      default:
        try await scene.node.store(
          Sample.observation(
            name, of: "p", category: isLaboratory ? "laboratory" : "vital-signs",
            value: String(step)))
        let isNew = alive.insert(name).inserted
        if grants[type.rawValue] != nil {
          told.append(isNew ? "POST Observation" : "PUT Observation/\(name)")
        }
      }
      try await scene.work()
    }
    let events = scene.notifier.all.filter { !$0.numbers.isEmpty }
    #expect(!told.isEmpty && scene.notifier.numbers == (1...max(1, told.count)).map(Int64.init))
    #expect(
      events.map { call -> String in
        let request = (try? JSONDocument(parsing: call.body))?.root["entry"]?[1]?["request"]
        return "\(request?["method"]?.string ?? "") \(request?["url"]?.string ?? "")"
      } == told)
  }
}

/// Where notifications may go.
@Suite struct NotificationEndpointTests {
  @Test func whatAnEndpointLooksLike() throws {
    for (text, url) in [
      ("https://Example.org", "https://example.org:443"),
      ("https://example.org/", "https://example.org:443/"),
      ("https://example.org:8443/a/b%20c", "https://example.org:8443/a/b%20c"),
      ("http://[2001:db8::1]/x", "http://[2001:db8::1]:80/x"),
      ("https://192.0.2.1:1", "https://192.0.2.1:1"),
    ] { #expect(try NotificationEndpoint(text).url() == url) }
    #expect(
      try NotificationEndpoint("https://a.example/hook/").url(adding: "/Patient/1")
        == "https://a.example:443/hook/Patient/1")
    for text in [
      "", "https://", "https:///x", "https://a b/", "https://a/ü", "https://user@a/",
      "https://a/?q",
      "https://a/#f", "https://a:0/", "https://a:65536/", "https://2001:db8::1/", "ftp://a/",
      "HTTPS://a/", "https://a\\b/", "https://1.2.3/", "https://01.2.3.4/", "https://a/\r\nX: y",
    ] {
      #expect(throws: PeerChartError.self, "\(text)") { _ = try NotificationEndpoint(text) }
    }
  }

  @Test func whichAddressesAreOnThePublicNetwork() throws {
    let cases: [(String, Bool)] = [
      ("1.1.1.1", true), ("8.8.8.8", true), ("100.63.255.255", true), ("100.64.0.0", false),
      ("100.127.255.255", false), ("100.128.0.0", true), ("172.15.255.255", true),
      ("172.16.0.0", false), ("172.31.255.255", false), ("172.32.0.0", true), ("0.0.0.0", false),
      ("127.255.0.1", false), ("169.254.169.254", false), ("192.0.2.1", false),
      ("198.17.255.255", true), ("198.18.0.0", false), ("198.19.255.255", false),
      ("198.20.0.0", true), ("223.255.255.255", true), ("224.0.0.1", false),
      ("255.255.255.255", false), ("10.1.2.3", false), ("192.168.0.1", false),
      ("2606:4700::1111", true), ("::1", false), ("::", false), ("fe80::1", false),
      ("fd00::1", false), ("::ffff:7f00:1", false), ("64:ff9b::7f00:1", false),
      ("2002:7f00:1::", false), ("2001:db8::1", false), ("2001::1", false), ("ff02::1", false),
      ("2a00:1450::1", true), ("3fff::1", false),
    ]
    for (text, isPublic) in cases {
      let host = try #require(HostName(text), "\(text)")
      #expect(PublicNetwork.excludes(host) == !isPublic, "\(text)")
    }
    for name in ["localhost", "a.localhost", "printer.local", "db.internal"] {
      #expect(PublicNetwork.excludes(try #require(HostName(name))))
    }
    #expect(!PublicNetwork.excludes(try #require(HostName("example.org"))))
  }

  @Test func theOperatorNamesHosts() throws {
    let hosts = try NotificationHosts(["ward.example", "127.0.0.1:8080", "[::1]:9"])
    for text in ["http://ward.example:1/", "https://ward.example/", "http://127.0.0.1:8080/x"] {
      try hosts.check(try NotificationEndpoint(text))
    }
    for text in ["http://127.0.0.1:8081/", "http://other.example/", "http://[::1]:10/"] {
      #expect(throws: PeerChartError.self, "\(text)") {
        try hosts.check(try NotificationEndpoint(text))
      }
    }
    for text in ["", "a b", "http://a", "a:0"] {
      #expect(throws: PeerChartError.self, "\(text)") { _ = try NotificationHosts([text]) }
    }
  }
}
