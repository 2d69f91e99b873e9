import Crypto
import Testing
import Vault

@Suite("The blind index")
struct BlindIndexTests {
  let index = BlindIndex(key: SymmetricKey(data: Array(repeating: UInt8(1), count: 32)))

  @Test("parts are kept apart, and so are the domains and the keys")
  func separation() {
    let lists = [
      ["a", "b"], ["ab"], ["ab", ""], ["", "ab"], ["b", "a"], ["a", "b", ""], [""], [], ["a"],
      ["a\u{0}", "b"], ["a", "\u{0}b"], ["A", "b"], ["é"], ["e\u{301}"],
    ]
    #expect(Set(lists.map { index.token(parts: $0) }).count == lists.count)
    #expect(index.token("a", "b") == index.token(parts: ["a", "b"]))
    let record = index.recordKey(type: "a", id: "b")
    #expect(record.count == 16)
    #expect(index.chartTag(patientID: "a").count == 16)
    #expect(record.prefix(8) != index.tokenBytes("a", "b")[...])
    #expect(index.chartTag(patientID: "a").prefix(8) != index.tokenBytes("a")[...])
    #expect(record != index.recordKey(type: "ab", id: ""))
    let other = BlindIndex(key: SymmetricKey(data: Array(repeating: UInt8(2), count: 32)))
    #expect(other.token("a", "b") != index.token("a", "b"))
    #expect(other.recordKey(type: "a", id: "b") != record)
  }

  @Test("long values and use from many threads give the same answers")
  func sharing() async {
    let long = String(repeating: "x", count: 100_000)
    let expected = (index.token("t", long), index.recordKey(type: "t", id: long))
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask { [index] in
          (0..<50).allSatisfy { _ in
            index.token("t", long) == expected.0
              && index.recordKey(type: "t", id: long) == expected.1
          }
        }
      }
      for await same in group { #expect(same) }
    }
  }
}

extension BlindIndex {
  fileprivate func tokenBytes(_ parts: String...) -> [UInt8] {
    withUnsafeBytes(of: token(parts: parts).bigEndian) { Array($0) }
  }
}
