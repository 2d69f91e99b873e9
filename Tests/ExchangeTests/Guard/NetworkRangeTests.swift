import Exchange
import Primitives
import Testing

/// Addresses and networks, in all the forms in which one may be written.
@Suite struct NetworkRangeTests {
  @Test(arguments: [
    ("10.20.0.0/16", "10.20.255.1", true), ("10.20.0.0/16", "10.21.0.1", false),
    ("10.20.0.0/16", "::ffff:10.20.3.4", true), ("10.20.0.0/16", "::FFFF:0a14:0304", true),
    ("::ffff:10.20.0.0/112", "10.20.3.4", true), ("0.0.0.0/0", "2001:db8::1", false),
    ("::/0", "10.0.0.1", false), ("::/0", "fe80::1%eth0", true),
    ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::1", false),
    ("2001:db8::/33", "2001:db8:8000::1", false), ("192.0.2.7", "192.0.2.7", true),
    ("192.0.2.7", "192.0.2.8", false), ("::1", "0:0:0:0:0:0:0:1", true),
    ("2001:db8::192.0.2.33", "2001:db8::c000:221", true), ("0.0.0.0/0", "255.255.255.255", true),
  ])
  func anAddressLiesInItsNetworkHoweverItIsWritten(
    range: String, address: String, isWithin: Bool
  ) throws {
    let address = try #require(IPAddress(address))
    #expect(try NetworkRange(range).contains(address) == isWithin)
  }

  @Test(arguments: [
    "", "10", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.1/8", "010.0.0.0/8", "10.0.0/8",
    "10.0.0.0.0/8", "2001:db8::/129", "2001:db8::1/64", "::ffff:10.0.0.0/95", "2001:::1",
    "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "::g", "fe80::1%eth0/64",
    "10.0.0.0/8 ", "+10.0.0.0/8", "::1.2.3", "1:2:3:4:5:6:7:8::",
  ])
  func whatIsNoNetworkIsNone(text: String) {
    #expect(throws: PeerChartError.self) { try NetworkRange(text) }
  }

  /// Compared with the addresses as numbers, bit by bit.
  @Test func randomNetworksHoldWhatTheirBitsSay() throws {
    var random = SeededGenerator()
    for _ in 0..<5000 {
      let length = Int.random(in: 0...32, using: &random)
      let mask: UInt32 = length == 0 ? 0 : .max << UInt32(32 - length)
      let network = UInt32.random(in: .min ... .max, using: &random) & mask
      let near = network ^ (UInt32(1) << UInt32.random(in: 0...31, using: &random))
      for address in [network, near, UInt32.random(in: .min ... .max, using: &random)] {
        let range = try NetworkRange("\(text(network))/\(length)")
        let expected = address & mask == network
        for form in [text(address), "::ffff:\(text(address))"] {
          let read = try #require(IPAddress(form))
          #expect(
            range.contains(read) == expected, "\(range) \(form), seed \(random.seed)")
        }
      }
    }
  }

  private func text(_ address: UInt32) -> String {
    stride(from: 24, through: 0, by: -8).map { String(address >> UInt32($0) & 255) }
      .joined(separator: ".")
  }
}
