import Consent
import Exchange
import Identity
import Logging
import Node
import Primitives
import Testing
import Web

/// How many requests the node takes, of whom, and what it says to the next one.
@Suite struct RequestRateTests {
  private func door(_ node: TestNode) throws -> DirectDoor {
    var configuration = NodeServerConfiguration(listen: [])
    configuration.publicAddress = App.server.issuer
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return try DirectDoor(exchange: node.exchange, configuration: configuration, logger: logger)
  }

  private func token(_ node: TestNode, _ name: String) async throws -> String {
    try await node.exchange.issueToken(
      TokenRequest(
        scope: ScopeSet(parsing: "system/*.rs"), role: .system, name: name, purpose: .operations,
        treats: [], lifetime: 86_400), as: node.owner)
  }

  private func read(_ token: String) -> DirectRequest {
    DirectRequest(
      "GET", "/fhir/Observation/o", fields: [(name: "Authorization", value: "Bearer \(token)")])
  }

  @Test func whoeverAsksTooOftenWaitsAndNobodyElse() async throws {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"), Sample.observation("o", of: "p"))
    var rates = RequestRates()
    rates.client = RequestRate(perSecond: 2, burst: 5)
    node.exchange.limit(rates)
    let door = try door(node)
    let (busy, calm) = (try await token(node, "busy"), try await token(node, "calm"))
    for _ in 0..<5 { #expect(try await door.answer(read(busy)).status == 200) }
    let refused = try await door.answer(read(busy))
    #expect(refused.status == 429)
    #expect(refused.fields["retry-after"] == "1")
    #expect(String(decoding: refused.body, as: UTF8.self).contains("OperationOutcome"))
    #expect(try await door.answer(read(calm)).status == 200)
    node.clock.advance(seconds: 1)
    for expected in [200, 200, 429] {
      #expect(try await door.answer(read(busy)).status == expected)
    }
  }

  @Test func aStrangerIsToldInTheWordsOfEachSurface() async throws {
    let node = try await TestNode()
    var rates = RequestRates()
    rates.address = RequestRate(perSecond: 1, burst: 1)
    node.exchange.limit(rates)
    let door = try door(node)
    #expect(try await door.answer(DirectRequest("GET", "/sign-in")).status == 200)
    let form: [(name: String, value: String)] = [
      (name: "Content-Type", value: "application/x-www-form-urlencoded")
    ]
    for (method, path, fields, type, word) in [
      ("GET", "/sign-in", [], "text/html; charset=utf-8", "<html"),
      ("GET", "/record", [], "text/html; charset=utf-8", "<html"),
      ("POST", "/oauth/token", form, "application/json", "temporarily_unavailable"),
      ("GET", "/fhir/metadata", [], "application/fhir+json", "OperationOutcome"),
      ("GET", "/fhir/Observation/o", [], "application/fhir+json", "OperationOutcome"),
      ("GET", "/.well-known/peerchart", [], "application/problem+json", "too-many-requests"),
    ] {
      let answer = try await door.answer(DirectRequest(method, path, fields: fields))
      #expect(answer.status == 429, "\(path)")
      #expect(answer.fields["retry-after"] == "1", "\(path)")
      #expect(answer.fields["content-type"]?.hasPrefix(type.prefix(20)) == true, "\(path)")
      #expect(String(decoding: answer.body, as: UTF8.self).contains(word), "\(path)")
    }
    // Another address, another network of IPv6, and whatever watches the node, are not concerned.
    for address in ["192.0.2.8", "2001:db8:0:1::1", "2001:db8:0:2::1"] {
      let request = DirectRequest("GET", "/sign-in", address: address)
      #expect(try await door.answer(request).status == 200, "\(address)")
    }
    #expect(
      try await door.answer(DirectRequest("GET", "/sign-in", address: "2001:db8:0:1::2")).status
        == 429)
    for _ in 0..<3 {
      #expect(try await door.answer(DirectRequest("GET", "/health/live")).status == 200)
    }
  }

  @Test func whoTriesKeysIsAStranger() async throws {
    let node = try await TestNode()
    var rates = RequestRates()
    rates.address = RequestRate(perSecond: 1, burst: 3)
    node.exchange.limit(rates)
    let door = try door(node)
    let good = try await token(node, "good")
    var statuses: [Int] = []
    for _ in 0..<5 {
      let key = BearerToken(random: SystemRandom()).text.exposed
      statuses.append(try await door.answer(read(key)).status)
    }
    #expect(statuses == [401, 401, 401, 429, 429])
    // Who has a good one is none, at the same address.
    #expect(try await door.answer(read(good)).status != 429)
  }

  /// Two instances, one database: together they let through little more than one would.
  @Test func instancesShareWhatTheyLetThrough() async throws {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"), Sample.observation("o", of: "p"))
    let other = try await node.beside()
    var rates = RequestRates()
    rates.client = RequestRate(perSecond: 10, burst: 100)
    let token = try await token(node, "busy")
    let exchanges = [node.exchange, other.exchange]
    for exchange in exchanges { exchange.limit(rates) }
    var passed = 0
    for _ in 0..<60 {
      for exchange in exchanges {
        for _ in 0..<30 {
          let result = await outcome {
            try await exchange.authenticate(
              bearer: token, purpose: nil, networkAddress: nil, requestID: "test")
          }
          if result == "ok" { passed += 1 }
        }
      }
      for exchange in exchanges { _ = try await exchange.settleRates() }
      node.clock.advance(seconds: 1)
    }
    // 60 seconds of ten, what may come at once, and what each lets through before it knows of the other.
    #expect(passed >= 600)
    #expect(passed <= 60 * 10 + 100 + 2 * 100, "\(passed)")
    await other.close()
  }

  /// A bucket beside one that is reckoned anew from the list of all that passed.
  @Test func aBucketLetsThroughWhatItsRateSays() {
    var random = SeededGenerator()
    for _ in 0..<50 {
      let rate = RequestRate(
        perSecond: .random(in: 1...50, using: &random), burst: .random(in: 1...200, using: &random))
      var time: Int64 = 1_000_000
      var bucket = RequestBucket(rate, at: time)
      var level = Double(rate.burst)
      for _ in 0..<500 {
        let pause = Int64.random(in: 0...400, using: &random)
        time += pause
        level = min(Double(rate.burst), level + Double(pause) * Double(rate.perSecond) / 1000)
        let expected = level >= 1 - 1e-9
        let wait = bucket.take(rate, at: time)
        #expect((wait == nil) == expected, "seed \(random.seed)")
        if expected { level -= 1 }
        if let wait {
          var later = bucket
          #expect(later.take(rate, at: time + wait * 1000) == nil)
        }
      }
    }
  }
}
