import Primitives
import Testing
import TransparencyLog

struct WitnessProtocolTests {
  let scene = WitnessScene(size: 300)

  @Test func requestsRoundTrip() throws {
    for (old, new) in [(0, 0), (0, 300), (5, 300), (300, 300), (256, 300)] as [(UInt64, UInt64)] {
      let request = try scene.request(from: old, to: new)
      #expect(try AddCheckpointRequest(parsing: request.bytes) == request)
    }
  }

  /// The example request of the specification.
  @Test func theExampleOfTheSpecificationParses() throws {
    let text = """
      old 20852014
      PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
      jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
      5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
      /6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

      example.com/behind-the-sofa
      20852163
      CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

      — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
      — example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=

      """
    let request = try AddCheckpointRequest(parsing: Array(text.utf8))
    #expect(request.oldSize == 20_852_014 && request.proof.count == 4)
    #expect(request.checkpoint.checkpoint.size == 20_852_163)
    #expect(request.bytes == Array(text.utf8))
  }

  @Test(arguments: [
    "", "old", "old \n\nC", "old 01\n\nC", "old -1\n\nC", "old 1 \n\nC", "Old 1\n\nC", "old 1\n",
    "old 1\nC", "old 1\nH", "old 1\n\n", "old 1\nx\n\nC", "old 1\nH \n\nC", "old 1\n\nH\n\nC",
    "old 18446744073709551616\n\nC", " old 1\n\nC", "old 1\r\n\r\nC", "old 1\n\nCx", "\nold 1\n\nC",
  ])
  func malformedRequestsAreRefused(template: String) throws {
    let checkpoint = String(decoding: try scene.signed(9).bytes, as: UTF8.self)
    let text = template.replacing("H", with: Hash.emptyTree.base64)
      .replacing("C", with: checkpoint)
    #expect(throws: PeerChartError.self) { try AddCheckpointRequest(parsing: Array(text.utf8)) }
  }

  @Test func boundsHold() throws {
    let checkpoint = try scene.signed(9)
    func request(_ lines: Int) -> [UInt8] {
      Array(
        ("old 1\n" + String(repeating: Hash.emptyTree.base64 + "\n", count: lines) + "\n").utf8)
        + checkpoint.bytes
    }
    #expect(try AddCheckpointRequest(parsing: request(63)).proof.count == 63)
    #expect(throws: PeerChartError.self) { try AddCheckpointRequest(parsing: request(64)) }
    #expect(throws: PeerChartError.self) {
      try AddCheckpointRequest(
        oldSize: 1, proof: Array(repeating: .emptyTree, count: 64), checkpoint: checkpoint)
    }
    let long = [UInt8](repeating: 0x6F, count: AddCheckpointRequest.maximumLength + 1)
    #expect { try AddCheckpointRequest(parsing: long) } throws: {
      ($0 as? PeerChartError)?.code == .tooLarge
    }
  }

  @Test func answersAreReadAsTheyAreWritten() throws {
    let line = try scene.signed(3).note.signatures
    for answer in [
      WitnessAnswer.cosigned(line), .cosigned(line + line), .stale(size: 0), .stale(size: 41),
      .malformed, .notSigned, .unknownLog, .unproven,
    ] {
      #expect(try WitnessAnswer(status: answer.status, body: answer.body) == answer)
    }
    #expect(WitnessAnswer.stale(size: 7).contentType == "text/x.tlog.size")
    #expect(WitnessAnswer.stale(size: 7).body == Array("7\n".utf8))
  }

  @Test(arguments: [
    (200, ""), (200, "\n"), (200, "x\n"), (200, "— k AAAAAAA="), (200, "— k AAAAAAA=\n\n"),
    (200, "\n— k AAAAAAA=\n"), (409, ""), (409, "7"), (409, "07\n"), (409, "-1\n"), (409, "7\n\n"),
    (409, "9223372036854775808\n"), (409, "7 \n"), (204, ""), (301, ""), (429, ""), (500, ""),
    (-1, ""),
  ])
  func nonsenseIsNoAnswer(status: Int, body: String) {
    #expect(throws: PeerChartError.self) {
      try WitnessAnswer(status: status, body: Array(body.utf8))
    }
  }

  @Test func anEndlessAnswerIsNone() {
    let body = [UInt8](repeating: 0x31, count: WitnessAnswer.maximumLength + 1)
    #expect(throws: PeerChartError.self) { try WitnessAnswer(status: 409, body: body) }
  }
}
