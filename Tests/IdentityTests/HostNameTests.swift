import Identity
import Testing

@Suite("Hosts and addresses")
struct HostNameTests {
  @Test(
    "one text form for each",
    arguments: [
      ("Node.Example", "node.example"), ("localhost", "localhost"), ("a-b.c", "a-b.c"),
      ("192.0.2.7", "192.0.2.7"), ("0.0.0.0", "0.0.0.0"), ("::", "::"), ("::1", "::1"),
      ("[2001:DB8::1]", "2001:db8::1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
      ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
      ("1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"), ("1::", "1::"),
      ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
      ("xn--bcher-kva.example", "xn--bcher-kva.example"), ("1.2.3.4.example", "1.2.3.4.example"),
    ])
  func canonical(text: String, form: String) {
    #expect(HostName(text)?.description == form)
    #expect(HostName(form) == HostName(text))
  }

  @Test(
    "nothing else is a host",
    arguments: [
      "", ".", "a.", ".a", "a..b", "-a", "a-", "a_b", "a b", "bücher.example", "\u{212A}.example",
      "1.2.3", "1.2.3.256", "01.2.3.4", "1.2.3.4.5", "0x7f.0.0.1", "127.1", "1", "*.example",
      ":", ":::", "1:::2", "::1::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "g::", "+1::",
      "::1%eth0", "::ffff:1.2.3.4", "[::1", "[localhost]", "a/b", "a\u{0}b", "::1:2:3:4:5:6:7:8",
      "user@host", String(repeating: "a", count: 64), String(repeating: "a.", count: 127) + "a",
    ])
  func refused(text: String) { #expect(HostName(text) == nil) }

  @Test("the longest name is 253 characters")
  func longest() {
    let name = String(repeating: "a.", count: 126) + "b"
    #expect(name.utf8.count == 253)
    #expect(HostName(name)?.description == name)
  }

  @Test("addresses have a host and a port")
  func addresses() {
    for text in ["node.example:8443", "192.0.2.7:1", "[2001:db8::1]:65535"] {
      #expect(NodeAddress(text)?.description == text)
    }
    for text in [
      "", ":", "a:", ":1", "a", "a:0", "a:01", "a:65536", "a:99999999999999999999", "a:-1", "a:+1",
      "a: 1", "::1:80", "2001:db8::1:80", "[::1]", "[::1]80", "a:1:2", "a:１",
    ] { #expect(NodeAddress(text) == nil, "\(text)") }
    #expect(NodeAddress(host: .dns("a"), port: 0) == nil)
  }
}
