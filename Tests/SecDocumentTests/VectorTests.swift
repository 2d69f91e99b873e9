import Crypto
import Foundation
import Primitives
import SecDocument
import Testing

@Suite struct VectorTests {
  @Test func goodVectorsOpen() throws {
    let vectors = try SecVectors()
    #expect(vectors.good.count >= 10)
    for vector in vectors.good {
      let file = try #require(Base64.decode(vector.file))
      let (content, document) = try SecReader.open(
        file, with: [vectors.identity(vector.identity)])
      #expect(Hex.encode(Array(SHA256.hash(data: content))) == vector.contentSHA256)
      #expect(SecVectors.Expected(document) == vector.manifest, "\(vector.name)")
      #expect(try SecFile.inspect(SecBytesSource(file)).proof == document.proof)
    }
  }

  @Test func badVectorsAreRefusedWithTheirCode() throws {
    let vectors = try SecVectors()
    #expect(vectors.bad.count >= 25)
    for vector in vectors.bad {
      let file = try vectors.bytes(of: vector)
      let identity = try vectors.identity(vector.identity)
      #expect(code { try open(file, identity) } == vector.error, "\(vector.name)")
    }
  }

  @Test func vectorsAreSmall() throws {
    let sizes = try ["keys.json", "good.json", "bad.json"].map {
      try Data(contentsOf: SecVectors.folder.appending(path: $0)).count
    }
    #expect(sizes.reduce(0, +) < 300_000)
  }

  /// Makes the vectors anew. HPKE chooses its own randomness, so the bytes differ each time; that
  /// is why the files are committed.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["PEERCHART_WRITE_VECTORS"] == "1"))
  func writeVectors() throws { try VectorMaker().write(to: SecVectors.folder) }
}
