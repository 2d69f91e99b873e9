import Primitives
import Testing
import Web

@Suite("Forms with files")
struct MultipartBodyTests {
  private static let type = "multipart/form-data; boundary=----b1"

  private static func body(_ parts: (head: String, bytes: [UInt8])..., end: String = "--\r\n")
    -> [UInt8]
  {
    parts.reduce(into: [UInt8]()) { body, part in
      body +=
        Array("\(body.isEmpty ? "" : "\r\n")------b1\r\n\(part.head)\r\n\r\n".utf8) + part.bytes
    } + Array("\r\n------b1\(end)".utf8)
  }

  private static let file = #"Content-Disposition: form-data; name="file"; filename="a b%22.json""#
  private static let token = #"content-disposition: form-data; name="csrf""#

  @Test("What browsers send is read, to the byte")
  func read() throws {
    let bytes: [UInt8] = [0x0D, 0x0A, 0x2D, 0x2D] + Array("----b".utf8) + [0, 0xFF, 0x0D]
    let body = Self.body(
      (Self.token, Array("abc".utf8)), (Self.file + "\r\nContent-Type: text/plain", bytes))
    for type in [Self.type, #"Multipart/Form-Data;charset=utf-8; boundary="----b1""#] {
      let form = try MultipartBody(parsing: body, contentType: type)
      #expect(form.parts.map(\.name) == ["csrf", "file"])
      #expect(form["csrf"].map { !$0.isFile && Array($0.bytes) == Array("abc".utf8) } == true)
      #expect(form["file"].map { $0.isFile && Array($0.bytes) == bytes } == true)
      #expect(form["other"] == nil)
    }
    // Of two of one name none is meant.
    let twice = Self.body((Self.token, [1]), (Self.token, [2]))
    #expect(try MultipartBody(parsing: twice, contentType: Self.type)["csrf"] == nil)
  }

  @Test("What is no form is refused")
  func refused() {
    let good = Self.body((Self.file, [1, 2, 3]))
    for type in [
      "", "application/json", "multipart/mixed; boundary=----b1", "multipart/form-data",
      "multipart/form-data; boundary=", "multipart/form-data; boundary=\"",
      "multipart/form-data; boundary=a b", "multipart/form-data; boundary=----b1; boundary=x",
      "multipart/form-data; boundary=" + String(repeating: "b", count: 71),
    ] {
      #expect(throws: PeerChartError.self, "\(type)") {
        try MultipartBody(parsing: good, contentType: type)
      }
    }
    let long = "X: " + String(repeating: "x", count: 3000)
    for body in [
      [], Array("preamble\r\n".utf8) + good, good + [1], Array(good.dropLast(5)),
      Self.body((Self.file, [1]), end: ""), Self.body(("X: y", [1])),
      Self.body((#"Content-Disposition: attachment; name="file""#, [1])),
      Self.body((#"Content-Disposition: form-data; name="""#, [1])),
      Self.body((Self.file + "\r\n" + Self.token, [1])),
      Self.body((Self.file + "\r\n" + long, [1])),
      Array("------b1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n".utf8),
    ] {
      #expect(throws: PeerChartError.self, "\(String(decoding: body.prefix(80), as: UTF8.self))") {
        try MultipartBody(parsing: body, contentType: Self.type)
      }
    }
    let many = (0..<17).reduce(into: [UInt8]()) { body, number in
      body += Array("\(number == 0 ? "" : "\r\n")------b1\r\n\(Self.token)\r\n\r\n".utf8)
    }
    #expect(throws: PeerChartError.self) {
      try MultipartBody(parsing: many + Array("\r\n------b1--".utf8), contentType: Self.type)
    }
  }

  @Test("Whatever comes, there is an answer")
  func hostile() {
    let seed = UInt64.random(in: .min ... .max)
    print("forms with files: seed \(seed)")
    var random = SeededRandom(seed: seed)
    let good = Self.body((Self.token, Array("abc".utf8)), (Self.file, [1, 2, 3]))
    for _ in 0..<4000 {
      var body = good
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let at = Int.random(in: 0..<body.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: body[at] = UInt8.random(in: 0...255, using: &random)
        case 1: body.remove(at: at)
        default: body.insert(UInt8.random(in: 0...255, using: &random), at: at)
        }
      }
      guard let form = try? MultipartBody(parsing: body, contentType: Self.type) else { continue }
      #expect(form.parts.allSatisfy { $0.bytes.endIndex <= body.endIndex && !$0.name.isEmpty })
    }
  }
}
