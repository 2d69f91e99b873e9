import Primitives
import SecDocument
import Testing

@Suite struct ProofTests {
  private func document() throws -> [UInt8] {
    try SecWriter.seal(
      [1, 2, 3], draft: TestKeys.draft(), recipients: [TestKeys.recipient(.x25519)],
      signer: TestKeys.signer()
    ).bytes
  }

  private func proof(of file: [UInt8]) throws -> [UInt8]? {
    let opened = try SecReader.open(file, with: [TestKeys.identity(.x25519)]).document.proof
    #expect(try SecFile.inspect(SecBytesSource(file)).proof == opened)
    return opened
  }

  @Test func addedReplacedAndRemoved() throws {
    let file = try document()
    let first = Array("index 1\n".utf8)
    let longest = [UInt8](repeating: 65, count: 65_536)
    let with = try SecFile.replacingProof(of: file, by: first)
    #expect(with == file + SecForge.proof(first))
    #expect(with == (try file + SecFile.proofSection(first)))
    #expect(try proof(of: with) == first)
    let other = try SecFile.replacingProof(of: with, by: longest)
    #expect(try proof(of: other) == longest)
    #expect(try SecFile.replacingProof(of: other, by: nil) == file)
    #expect(try proof(of: file) == nil)
  }

  @Test func onlyShortTextIsAProof() throws {
    let file = try document()
    for text in [[], [0xFF], [UInt8](repeating: 65, count: 65_537)] {
      #expect(code { _ = try SecFile.replacingProof(of: file, by: text) } == "sec-proof")
      #expect(
        code { try open(file + SecForge.proof(text), TestKeys.identity(.x25519)) } == "sec-proof")
    }
  }

  @Test func aDamagedDocumentGetsNoProof() throws {
    let file = try document()
    #expect(
      code { _ = try SecFile.replacingProof(of: file.dropLast(), by: [65]) } == "sec-truncated")
    #expect(code { _ = try SecFile.replacingProof(of: file + [1], by: [65]) } == "sec-trailing")
    let with = try SecFile.replacingProof(of: file, by: [65])
    #expect(code { _ = try SecFile.replacingProof(of: with + with, by: nil) } == "sec-trailing")
  }
}
