import Identity
import Testing

@Suite struct MailAddressTests {
  @Test(arguments: [
    "rowan@mail.example", "rowan.samplewood+charts@mail.example", "o'neil@a.b.example",
    "x_y=z/{1}@xn--bcher-kva.example", "a@localhost",
  ])
  func anAddressIsReadAsItWasWritten(text: String) {
    #expect(MailAddress(text)?.description == text)
  }

  @Test func theDomainIsFoldedAndTheRestIsNot() {
    #expect(MailAddress("Rowan@Mail.EXAMPLE")?.description == "Rowan@mail.example")
  }

  @Test(arguments: [
    "", "@", "a@", "@b.example", "a@b", "a b@c.example", "a@b@c.example", ".a@c.example",
    "a.@c.example", "a..b@c.example", "\"a\"@c.example", "a@[127.0.0.1]", "a@127.0.0.1",
    "a@c.example\r\nBcc: b@c.example", "a@c.example\n", "a\r\n@c.example", "a\u{0}@c.example",
    "<a@c.example>", "a@c.example>", "a,b@c.example", "a;b@c.example", "a(b)@c.example",
    "\u{e4}@c.example", "a@\u{e4}.example", "a@-c.example", "a\\@c.example", " a@c.example",
    "a@c.example ", String(repeating: "a", count: 65) + "@c.example",
    "a@" + String(repeating: "b.", count: 130) + "example",
  ])
  func whatCouldEndALineOrNameASecondAddressIsNone(text: String) {
    #expect(MailAddress(text) == nil)
  }
}
