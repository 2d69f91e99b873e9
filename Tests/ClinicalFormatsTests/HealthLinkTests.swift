import ClinicalFormats
import FHIR
import Foundation
import Primitives
import Testing

@Suite("Health links")
struct HealthLinkTests {
  private static let key = Redacted([UInt8](0..<32))

  private func made(
    _ flags: Set<HealthLink.Flag> = [], label: String? = nil, expires: Instant? = nil
  ) throws -> HealthLink {
    try HealthLink(
      address: "https://node.example/shl/abc", key: Self.key, expires: expires, flags: flags,
      label: label)
  }

  @Test func linksReadAsTheyWereWritten() throws {
    let expires = Instant("2026-03-01T12:00:00Z")
    let link = try made([.passcode, .longTerm], label: "Ärztin 🩺", expires: expires)
    #expect(link.text.exposed.hasPrefix("shlink:/"))
    for text in [link.text.exposed, "https://viewer.example/v#" + link.text.exposed] {
      let read = try HealthLink(parsing: text)
      #expect(read.address == link.address && read.key.exposed == Self.key.exposed)
      #expect(read.flags == [.longTerm, .passcode] && read.label == "Ärztin 🩺")
      #expect(read.expires == expires)
    }
    let json = Base64URL.decode(link.text.exposed.dropFirst(8)) ?? []
    #expect(String(decoding: json, as: UTF8.self).contains(#""flag":"LP""#))
    #expect(throws: PeerChartError.self) { try made([.passcode, .direct]) }
    #expect(throws: PeerChartError.self) { try made(label: String(repeating: "x", count: 81)) }
  }

  private static func link(_ json: String) -> String {
    "shlink:/" + Base64URL.encode(Array(json.utf8))
  }

  @Test(arguments: [
    "", "shlink:/", "shlink:/e30", "https://a.example/#x", "https://a.example/shlink:/e30",
    link("[]"), link(#"{"url":"https://a.example","key":"short"}"#),
    link(#"{"url":"https://a.example"}"#),
    link(#"{"key":"\#(Base64URL.encode([UInt8](0..<32)))"}"#),
    link(#"{"url":"https://a.example","key":"\#(Base64URL.encode([UInt8](0..<32)))","v":2}"#),
    link(#"{"url":"https://a.example","key":"\#(Base64URL.encode([UInt8](0..<32)))","flag":"PU"}"#),
    link(#"{"url":"https://a.example","key":"\#(Base64URL.encode([UInt8](0..<32)))","flag":"PP"}"#),
    link(
      #"{"url":"https://a.example","key":"\#(Base64URL.encode([UInt8](0..<32)))","exp":"soon"}"#),
  ])
  func linksThatAreNone(text: String) {
    #expect(throws: PeerChartError.self) { try HealthLink(parsing: text) }
  }

  @Test(.enabled(if: CardCorpus.isPresent, "\(CardCorpus.absence)"))
  func linksOfOthers() throws {
    func read(_ name: String) throws -> HealthLink {
      try HealthLink(parsing: String(decoding: CardCorpus.bytes(name), as: UTF8.self))
    }
    for name in ["shlink-link.txt", "shlink-link-with-viewer.txt"] {
      let link = try read(name)
      #expect(link.flags == [.passcode] && link.label == "Sample Set 1")
      #expect(link.expires == Instant("2024-01-01T08:00:00Z"))
    }
    let direct = try read("shlink-link-direct.txt")
    #expect(direct.flags == [.direct])
    #expect(
      direct.address == "http://localhost:8090/shl/jvb42XYZTjY2BTZ2mcL6nozbTFT8Vs5G2_I-_IuxCZo")
    let manifest = try HealthLinkManifest(parsing: CardCorpus.bytes("shlink-manifest.txt"))
    #expect(manifest.files.count == 2)
    #expect(manifest.files.allSatisfy { $0.contentType == HealthCardText.mediaType })
  }

  @Test func filesOpenWithTheirKeyAndNoOther() throws {
    var random = SeededRandom.printed(for: "files of health links")
    for size in [0, 1, 100, 70_000] {
      for compressed in [true, false] {
        let file = HealthLinkFile(contentType: HealthLinkFile.fhir, content: random.bytes(size))
        let sealed = Array(
          try file.sealed(with: Self.key, random: SystemRandom(), compressed: compressed).utf8)
        let opened = try HealthLinkFile(opening: sealed, with: Self.key)
        #expect(opened.content == file.content && opened.contentType == HealthLinkFile.fhir)
        let again = try file.sealed(with: Self.key, random: SystemRandom(), compressed: compressed)
        #expect(Array(again.utf8) != sealed)
        let other = Redacted([UInt8](repeating: 7, count: 32))
        #expect(throws: PeerChartError.self) { try HealthLinkFile(opening: sealed, with: other) }
        for _ in 0..<50 {
          var changed = sealed
          let index = Int.random(in: changed.indices, using: &random)
          changed[index] = changed[index] == 0x41 ? 0x42 : 0x41
          let found = try? HealthLinkFile(opening: changed, with: Self.key)
          #expect(found == nil, "byte \(index) of \(sealed.count)")
        }
      }
    }
    // A sender that says nothing of the type, and one that ends with a new line.
    let bare = try HealthLinkFile(contentType: nil, content: [1]).sealed(
      with: Self.key, random: SystemRandom())
    #expect(
      try HealthLinkFile(opening: Array((bare + "\n").utf8), with: Self.key).contentType == nil)
  }

  @Test func requestsAndManifestsReadAsTheyWereWritten() throws {
    let request = try HealthLinkRequest(
      recipient: "Dr. Example", passcode: Redacted("four words"), embeddedLimit: 10)
    let read = try HealthLinkRequest(parsing: request.serialized.exposed)
    #expect(read.recipient == "Dr. Example" && read.passcode?.exposed == "four words")
    #expect(read.embeddedLimit == 10)
    let manifest = HealthLinkManifest(
      files: [
        .init(contentType: "a", place: .embedded("x")),
        .init(contentType: "b", place: .location("y")),
      ], canChange: true)
    let again = try HealthLinkManifest(parsing: manifest.serialized)
    #expect(again.canChange && again.files.map(\.contentType) == ["a", "b"])
    for text in [
      "{}", #"{"recipient":""}"#, #"{"recipient":1}"#, #"{"recipient":"a","passcode":1}"#,
      #"{"recipient":"a","embeddedLengthMax":-1}"#, #"{"recipient":"a","embeddedLengthMax":1.5}"#,
      "[]", "", #"{"recipient":"\#(String(repeating: "a", count: 201))"}"#,
    ] {
      #expect(throws: PeerChartError.self) { try HealthLinkRequest(parsing: Array(text.utf8)) }
    }
  }
}
