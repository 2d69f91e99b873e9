import Foundation
import Primitives
import TestSupport
import Testing
import TransparencyLog

/// `.ots` files that the OpenTimestamps client of others makes, when the test runs.
@Suite(.enabled(if: PythonService.python != nil, "\(PythonService.absence)"))
struct TimestampClientTests {
  @Test func filesOfTheOtherLibraryAreReadAndWrittenTheSame() throws {
    let made = try PythonService("make_timestamps.py", lines: 60)
    for line in made.lines {
      let parts = line.split(separator: " ").map(String.init)
      let bytes = try #require(Hex.decode(parts[0]))
      let file = try TimestampFile(parsing: bytes)
      #expect(file.bytes == bytes)
      // Each attestation and the message that the other library finds it at.
      let found = file.attested.map { entry -> String in
        switch entry.attestation {
        case .pending(let address): "pending:\(address):\(Hex.encode(entry.message))"
        case .bitcoin(let height): "bitcoin:\(height):\(Hex.encode(entry.message))"
        case .other: "other::\(Hex.encode(entry.message))"
        }
      }
      #expect(Set(found) == Set(parts.dropFirst()))
    }
  }
}
