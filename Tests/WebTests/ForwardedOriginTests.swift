import Exchange
import Primitives
import Testing
import Web

@Suite("Where a request comes from")
struct ForwardedOriginTests {
  private func origin(
    _ connection: String?, _ fields: [String: [String]] = [:], proxies: [String] = ["10.0.0.0/8"],
    isTLS: Bool = false
  ) throws -> ForwardedOrigin {
    try ForwardedOrigin(
      connection: connection, isTLS: isTLS, proxies: proxies.map { try NetworkRange($0) }
    ) { fields[$0] ?? [] }
  }

  @Test("Without a proxy of the operator's, what is said of the way is not read")
  func strangers() throws {
    let spoofed = [
      "X-Forwarded-For": ["192.0.2.1"], "X-Forwarded-Proto": ["https"],
      "Forwarded": ["for=192.0.2.1;proto=https"],
    ]
    for proxies in [[], ["10.0.0.0/8"]] {
      let origin = try origin("203.0.113.9", spoofed, proxies: proxies)
      #expect(origin.address == "203.0.113.9" && !origin.isTLS)
    }
    #expect(try origin(nil, spoofed).address == nil)
  }

  @Test(
    "Behind a proxy the nearest hop that is none of the operator's counts",
    arguments: [
      (["192.0.2.1"], "192.0.2.1"), (["192.0.2.1, 203.0.113.7"], "203.0.113.7"),
      // What the client wrote itself stands before what the proxy has added.
      (["10.0.0.1, 203.0.113.7, 10.0.0.2"], "203.0.113.7"),
      (["198.51.100.1", "203.0.113.7"], "203.0.113.7"), (["unknown"], "10.0.0.5"),
      (["192.0.2.1, nonsense, 10.0.0.2"], "10.0.0.2"), ([], "10.0.0.5"), ([" , ,"], "10.0.0.5"),
      (["2001:db8::1"], "2001:db8::1"), (["[2001:db8::1]:443"], "2001:db8::1"),
      (["192.0.2.1:5555"], "192.0.2.1"), (["::ffff:10.0.0.3"], "::ffff:10.0.0.3"),
    ])
  func usual(values: [String], expected: String) throws {
    #expect(try origin("10.0.0.5", ["X-Forwarded-For": values]).address == expected)
    #expect(
      try origin("::ffff:10.0.0.5", ["X-Forwarded-For": ["192.0.2.1"]]).address == "192.0.2.1")
  }

  @Test(
    "The standard's field says the same",
    arguments: [
      (["for=192.0.2.60;proto=https;by=203.0.113.43"], "192.0.2.60", true),
      ([#"For="[2001:db8:cafe::17]:4711""#], "2001:db8:cafe::17", false),
      (["for=198.51.100.9;proto=https, for=203.0.113.7;proto=http"], "203.0.113.7", false),
      (["for=_hidden"], "10.0.0.5", false), (["for=192.0.2.1, for=unknown"], "10.0.0.5", false),
      (["=;;for"], "10.0.0.5", false),
    ])
  func standard(values: [String], address: String, isTLS: Bool) throws {
    let origin = try origin("10.0.0.5", ["Forwarded": values])
    #expect(origin.address == address && origin.isTLS == isTLS)
  }

  @Test("The protocol is what the nearest proxy says")
  func protocols() throws {
    for (values, expected) in [
      (["https"], true), (["http"], false), (["http, https"], true), (["https, http"], false),
      (["HTTPS"], true), (["ftp"], false), ([], false),
    ] {
      let origin = try origin(
        "10.0.0.5", ["X-Forwarded-For": ["192.0.2.1"], "X-Forwarded-Proto": values])
      #expect(origin.isTLS == expected, "\(values)")
    }
    #expect(try origin("10.0.0.5", ["X-Forwarded-Proto": ["http"]], isTLS: true).isTLS == false)
  }

  @Test("Both kinds of field at once are refused: one of them is the client's own")
  func both() throws {
    for other in ["X-Forwarded-For", "X-Forwarded-Proto"] {
      #expect(throws: PeerChartError.self) {
        try origin("10.0.0.5", ["Forwarded": ["for=192.0.2.1"], other: ["https"]])
      }
    }
  }

  @Test("Endless lists end")
  func endless() throws {
    let hops = Array(repeating: "10.0.0.1", count: 10_000).joined(separator: ",")
    #expect(
      try origin("10.0.0.5", ["X-Forwarded-For": ["192.0.2.1," + hops]]).address == "10.0.0.1")
  }
}

@Suite("How many connections an address has")
struct ConnectionCountsTests {
  @Test("Each address has its own, and gets them back")
  func counts() throws {
    let counts = ConnectionCounts(limit: 2, exempt: [try NetworkRange("10.0.0.5")])
    #expect(counts.begin("192.0.2.1") && counts.begin("192.0.2.1"))
    #expect(!counts.begin("192.0.2.1"))
    #expect(!counts.begin("::ffff:192.0.2.1"))
    #expect(counts.begin("192.0.2.2"))
    counts.end("192.0.2.1")
    #expect(counts.begin("192.0.2.1"))
    #expect(!counts.begin("192.0.2.1"))
    for _ in 0..<10 { #expect(counts.begin("10.0.0.5") && counts.begin(nil)) }
    #expect(counts.begin("2001:db8::1") && counts.begin("2001:db8::2"))
    #expect(!counts.begin("2001:db8::3"))
    #expect(counts.begin("2001:db8:0:1::3"))
  }
}
