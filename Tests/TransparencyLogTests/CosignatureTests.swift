import Primitives
import Testing
import TransparencyLog

struct CosignatureTests {
  let log = TestKey(seed: 7, name: "hospital.example/log")
  let witness = TestKey(seed: 8, name: "witness.example/w1")

  /// A checkpoint of a public log with the cosignatures of public witnesses, as it was served in May 2026.
  private let served = """
    arche2025h1.staging.ct.transparency.dev
    1432088532
    U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

    — arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
    — arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
    — transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
    — witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
    — remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
    — witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==

    """
  private let logKey =
    "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"
  private let witnessKey = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"

  @Test func aPublicWitnesssCosignatureVerifies() throws {
    let signed = try SignedCheckpoint(parsing: Array(served.utf8))
    try signed.verify(by: Ed25519NoteVerifier(verifierKey: logKey))
    let remora = try CosignatureVerifier(verifierKey: witnessKey)
    #expect(remora.verifierKey == witnessKey)
    #expect(remora.cosignature(of: signed.note)?.timestamp == 0x6A12_2120)
    let policy = try WitnessPolicy(
      parsing: Array("log \(logKey)\nwitness remora \(witnessKey)\nquorum remora\n".utf8))
    let report = try policy.verify(signed)
    #expect(report.vouchers.map(\.witness) == ["remora"])
    #expect(report.vouchers.first?.time.description == "2026-05-23T21:50:24.000Z")
    // One digit of the size more, and neither holds.
    let other = served.replacing("1432088532", with: "1432088533")
    let changed = try SignedCheckpoint(parsing: Array(other.utf8))
    #expect(remora.cosignature(of: changed.note) == nil)
    #expect(throws: PeerChartError.self) { try policy.report(on: changed) }
  }

  @Test func whatAWitnessSignsIsWhatTheSpecificationSays() throws {
    let text = "example.com/behind-the-sofa\n20852163\n\(Hash.emptyTree.base64)\n"
    #expect(
      String(
        decoding: Cosignature.message(for: Array(text.utf8), at: 1_679_315_147), as: UTF8.self)
        == "cosignature/v1\ntime 1679315147\n" + text)
  }

  private func cosigned(at time: UInt64) throws -> SignedCheckpoint {
    let checkpoint = try Checkpoint(origin: log.name, size: 3, root: .leaf([1]))
    let signed = try SignedCheckpoint(checkpoint, signedBy: [log.signer])
    let signer = try NoteSigner(witness: witness.name, privateKey: witness.privateKey, at: time)
    return signed.adding([try signer.signature(for: Array(signed.note.text.utf8))])
  }

  @Test func everyFlippedBitOfTheLineFails() throws {
    let signed = try cosigned(at: 1_772_355_600)
    let key = try CosignatureVerifier(name: witness.name, publicKey: witness.publicKey)
    let line = try #require(key.line(in: signed.note.signatures, over: signed.note.text))
    #expect(line.signature.count == 72)
    for position in line.signature.indices {
      for bit in 0..<8 {
        var bytes = line.signature
        bytes[position] ^= 1 << bit
        #expect(!key.isValid(signature: bytes, over: Array(signed.note.text.utf8)))
      }
    }
    for bytes in [[], Array(line.signature.dropLast()), line.signature + [0]] {
      #expect(!key.isValid(signature: bytes, over: Array(signed.note.text.utf8)))
    }
  }

  /// The same key signs a log's checkpoints and cosigns others': neither passes for the other.
  @Test func aCosignatureIsNoSignatureOfTheLog() throws {
    let signed = try cosigned(at: 1)
    let asLog = try Ed25519NoteVerifier(name: witness.name, publicKey: witness.publicKey)
    let asWitness = try CosignatureVerifier(name: witness.name, publicKey: witness.publicKey)
    #expect(asLog.keyID != asWitness.keyID)
    let line = try #require(asWitness.line(in: signed.note.signatures, over: signed.note.text))
    let text = Array(signed.note.text.utf8)
    #expect(!asLog.isValid(signature: Array(line.signature.dropFirst(8)), over: text))
    #expect(throws: PeerChartError.self) { try Ed25519NoteVerifier(verifierKey: witnessKey) }
    #expect(throws: PeerChartError.self) {
      try CosignatureVerifier(verifierKey: asLog.verifierKey)
    }
  }

  @Test(arguments: [(UInt64(0), false), (1, true), (UInt64(Int64.max), true), (1 << 63, false)])
  func aTimeIsInRange(time: UInt64, isTaken: Bool) throws {
    let bytes =
      withUnsafeBytes(of: time.bigEndian) { Array($0) } + [UInt8](repeating: 0, count: 64)
    #expect((Cosignature(bytes: bytes) != nil) == isTaken)
  }
}
