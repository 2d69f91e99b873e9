import Primitives
import Testing
import Web

@Suite("Addresses")
struct AddressTests {
  @Test(
    "A Host field that is a host and port becomes the base of links",
    arguments: [
      ("node.example", "https://node.example"), ("127.0.0.1:8443", "https://127.0.0.1:8443"),
      ("[2001:db8::1]:1", "https://[2001:db8::1]:1"), ("LOCALHOST", "https://LOCALHOST"),
    ])
  func host(host: String, url: String) throws {
    let base = try BaseURL(host: host, isTLS: true)
    #expect(base.text == url)
    #expect(base.fhir == url + "/fhir")
    #expect(try BaseURL(host: host, isTLS: false).text == "http" + url.dropFirst(5))
  }

  @Test(
    "Any other is refused, because it is written into answers",
    arguments: [
      "", ":", ":80", "a:", "a:b", "a:99999", "a:1:2", "a/b", "user@host", "a\"b", "a b", "a\\b",
      "[::1", "[]", "[::1]x", "[g::1]", "ä.example", "a?b", "a#b", "a%20b",
      String(repeating: "a", count: 300),
    ])
  func refusedHost(host: String) {
    #expect {
      try BaseURL(host: host, isTLS: true)
    } throws: { ($0 as? PeerChartError)?.code == .malformed }
  }

  @Test("No Host field is refused")
  func noHost() {
    #expect(throws: PeerChartError.self) { try BaseURL(host: nil, isTLS: true) }
  }

  @Test(
    "A configured address has nothing behind host and port",
    arguments: ["node.example", "ftp://node.example", "https://", "https://a/b", "https://a?b"])
  func refusedPublicAddress(text: String) {
    #expect(throws: PeerChartError.self) { try BaseURL(configured: text) }
  }

  @Test(
    "Plain HTTP is for the loopback address",
    arguments: [
      ("127.0.0.1:0", true), ("127.8.9.10:80", true), ("[::1]:80", true), ("localhost:80", true),
      ("0.0.0.0:80", false), ("[::]:80", false), ("192.168.0.1:80", false),
      ("127.0.0.1.example:80", false), ("127.0.0:80", false), ("127.0.0.256:80", false),
      ("localhost.example:80", false),
    ])
  func loopback(text: String, isLoopback: Bool) throws {
    let address = try ListenAddress(text)
    #expect(address.isLoopback == isLoopback)
    #expect(address.description == text)
    var configuration = NodeServerConfiguration(listen: [])
    configuration.insecureListen = [address]
    if isLoopback {
      try configuration.check()
    } else {
      #expect {
        try configuration.check()
      } throws: { ($0 as? PeerChartError)?.code == .invalid }
    }
  }

  @Test(
    "An address to listen on needs a port",
    arguments: ["localhost", "8443", "a:b", "1.2.3.4:70000", "[::1]", ""])
  func refusedListenAddress(text: String) {
    #expect(throws: PeerChartError.self) { try ListenAddress(text) }
  }

  @Test("Without any address there is no server")
  func none() {
    #expect(throws: PeerChartError.self) { try NodeServerConfiguration(listen: []).check() }
  }
}
