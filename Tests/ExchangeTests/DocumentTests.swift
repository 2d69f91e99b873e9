import Audit
import Exchange
import FHIR
import Primitives
import SecDocument
import Testing

@Suite struct DocumentTests {
  private func issue(
    _ home: TestNode, to recipients: [DocumentRecipient]
  ) async throws -> [UInt8] {
    let bundle = try await home.exchange.chartBundle(of: "p", types: nil, as: home.owner)
    var sink = SecBytesSink()
    _ = try await home.exchange.issue(
      SecBytesSource(bundle), to: &sink,
      draft: SecDraft(
        mediaType: "application/fhir+json", created: home.clock.now(), subject: "Patient/p"),
      recipients: recipients, patient: "p", as: home.owner)
    return sink.bytes
  }

  private func open(
    _ node: TestNode, _ document: [UInt8], passphrase: String? = nil
  ) async throws -> (Verification, [UInt8]) {
    var sink = SecBytesSink()
    let found = try await node.exchange.open(
      document: SecBytesSource(document), passphrase: passphrase.map { Redacted(Array($0.utf8)) },
      to: &sink, as: node.owner)
    return (found, sink.bytes)
  }

  @Test func aChartGoesOverWholeAndVerifies() async throws {
    let (home, hospital) = try await pairOfNodes()
    let document = try await issue(home, to: [.node(hospital.id)])
    try await home.exchange.deliver(
      document: document, title: "Chart", to: hospital.id, as: home.owner)
    _ = try await home.exchange.deliverDue(using: LoopTransport(from: home, to: hospital))
    let received = try #require(try await hospital.exchange.receivedDocuments().first)
    #expect(received.from == "Samplewood family" && received.bytes == document.count)
    #expect(try await hospital.exchange.receivedDocument(received.id) == document)
    #expect(await outcome { try await hospital.exchange.receivedDocument("0000") } == "not-found")
    let (found, content) = try await open(hospital, document)
    #expect(found.isVerified, "\(found.checks)")
    #expect(found.subject == "Patient/p" && found.issuerName == "Samplewood family")
    let bundle = try ResourceBundle(parsing: content)
    #expect(bundle.kind == .collection && bundle.count == 6)
    let issued = try await home.log().map(\.event).filter { $0.kind == .documentIssued }
    #expect(issued.count == 1 && issued.first?.patient == nil)
  }

  @Test func readersWithoutAKeyOrATrustGetWhatTheyShould() async throws {
    let (home, hospital) = try await pairOfNodes()
    let stranger = try await TestNode(clock: home.clock)
    let document = try await issue(home, to: [.passphrase(Redacted(Array("open sesame".utf8)))])
    #expect(await outcome { try await open(hospital, document) } != "ok")
    #expect(await outcome { try await open(hospital, document, passphrase: "close") } != "ok")
    #expect(try await open(hospital, document, passphrase: "open sesame").0.isVerified)
    // It opens for whoever has the passphrase; that the issuer is who it says is another matter.
    let (found, content) = try await open(stranger, document, passphrase: "open sesame")
    #expect(!found.isVerified && !content.isEmpty)
    #expect(found[.issuer]?.state == .unknown)
    #expect(
      await outcome { try await issue(home, to: [.node(stranger.id)]) } == "not-found")
  }

  @Test func aFlippedByteIsNoticed() async throws {
    let (home, hospital) = try await pairOfNodes()
    let document = try await issue(home, to: [.node(hospital.id)])
    for place in stride(from: 0, to: document.count, by: 41) {
      var changed = document
      changed[place] ^= 4
      let isVerified = (try? await open(hospital, changed))?.0.isVerified ?? false
      #expect(!isVerified, "byte \(place)")
    }
  }
}
