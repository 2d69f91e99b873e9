import Primitives
import Testing
import TransparencyLog

struct EthereumTests {
  /// Of the submission's own test vectors, and made with the Python library `eth-hash` around the block size.
  @Test(arguments: [
    (0, "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
    (3, "f84a97f1f0a956e738abd85c2e0a5026f8874e3ec09c8f012159dfeeaab2b156"),
    (135, "cbdfd9dee5faad3818d6b06f95a219fd290b0e1706f6a82e5a595b9ce9faca62"),
    (136, "7ce759f1ab7f9ce437719970c26b0a66ff11fe3e38e17df89cf5d29c7d7f807e"),
    (137, "ac73d4fae68b8453f764007c1a20ce95994187861f0c3227a3a8e99a73a3b1db"),
    (272, "8e2476e65823b24d96ebe239f2c1534cdf763e689e2410c3b1cb0c74e6177bfc"),
    (1000, "af692982e84a5a9688359025660a7857cd28ee7c8d867cfa1677baf2e6d1f63b"),
  ])
  func keccak(count: Int, digest: String) {
    let input = (0..<count).map { UInt8($0 % 251) }
    #expect(Hex.encode(Keccak256.hash(input)) == digest)
  }

  @Test func keccakOfText() {
    #expect(
      Hex.encode(Keccak256.hash(Array("abc".utf8)))
        == "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45")
  }

  /// The examples of Ethereum's wiki and of the Yellow Paper.
  @Test(arguments: [
    (RLP.bytes(Array("dog".utf8)), "83646f67"),
    (.list([.bytes(Array("cat".utf8)), .bytes(Array("dog".utf8))]), "c88363617483646f67"),
    (.bytes([]), "80"), (.list([]), "c0"), (.integer(UInt64(0)), "80"), (.bytes([0]), "00"),
    (.integer(UInt64(15)), "0f"), (.integer(UInt64(128)), "8180"),
    (.integer(UInt64(1024)), "820400"),
    (
      .list([.list([]), .list([.list([])]), .list([.list([]), .list([.list([])])])]),
      "c7c0c1c0c3c0c1c0"
    ),
    (.integer([0, 0, 4, 0]), "820400"),
  ])
  func rlp(value: RLP, encoded: String) {
    #expect(Hex.encode(value.encoded) == encoded)
  }

  @Test func longRLP() {
    let text = [UInt8](repeating: 0x61, count: 56)
    #expect(RLP.bytes(text).encoded == [0xB8, 56] + text)
    #expect(RLP.bytes(Array(text.dropLast())).encoded == [0xB7] + text.dropLast())
    let list = RLP.list([.bytes([UInt8](repeating: 0x61, count: 255))]).encoded
    #expect(list.prefix(4) == [0xF9, 0x01, 0x01, 0xB8])
  }

  /// The examples of EIP-55.
  @Test(arguments: [
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    "0x52908400098527886E0F7030069857D2E4169EE7", "0xde709f2102306220921060314715629080e2fb77",
  ])
  func addresses(text: String) throws {
    let address = try #require(EthereumAddress(text))
    let isMixed = text.dropFirst(2).contains(where: \.isUppercase)
    if isMixed { #expect(address.description == text) }
    #expect(EthereumAddress(text.lowercased()) == address)
    // One letter in the wrong case is a slip of somebody's hand.
    let wrong = text.replacing(/[a-f]/, maxReplacements: 1) { $0.output.uppercased() }
    if isMixed, wrong != text, wrong.contains(where: \.isLowercase) {
      #expect(EthereumAddress(wrong) == nil)
    }
  }

  @Test(arguments: ["", "0x", "0x12", "5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "0xzz"])
  func noAddresses(text: String) {
    #expect(EthereumAddress(text) == nil)
  }

  /// The first contract of the account in the Yellow Paper's often cited example.
  @Test func contracts() throws {
    let account = try #require(EthereumAddress("0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0"))
    #expect(
      account.contract(nonce: 0)
        == EthereumAddress("0xcd234a471b72ba2f1ccf0a70fcaba648a5eecd8d"))
    #expect(
      account.contract(nonce: 1)
        == EthereumAddress("0x343c43a37d37dff08ae8c4a11544c718abb4fcf8"))
  }

  /// Test vectors of Besu for EIP-1559 (chain 7822).
  @Test(arguments: [
    (
      [819, 43_203_529, 35_552, 75_853, 121_212],
      "02f870821e8e8203338301284d8301d97c828ae094000000000000000000000000000000000000aaaa8402933bc980c0"
        + "80a0d067f2167008c59219652f91cbf8788dbca5f771f6e91e2b7657e85b78b472e0a01d305af9fe81fdba43f0df"
        + "cd400ed24dcace0a7e30d4e85701dcaaf484cd079e"
    ),
    (
      [353, 61_901_619, 32_593, 38_850, 136_295],
      "02f86f821e8e8201618297c283021467827f5194000000000000000000000000000000000000aaaa8403b08b3380c001"
        + "a004205678f13fc1d7b10feea6513dfa76e24418b6e08097d95c6f93a3b64e536da01d45ad61bfece43862de2cce"
        + "7d2575a8c1d08c26c87f3cb5f26d7b0be54a91b2"
    ),
    (
      [119, 65_456_115, 62_341, 24_721, 107_729],
      "02f86d821e8e778260918301a4d182f38594000000000000000000000000000000000000aaaa8403e6c7f380c001a0e3"
        + "8e239770801eb995498c821e55ac9c19ae09184bb27b34be105e02fe3b7615a067c64ca6bd6d9107e85fd581ab2e"
        + "70a14b637eb36505bb40861ef9d6e800cab6"
    ),
  ])
  func transactions(values: [UInt64], raw: String) throws {
    let secret = try #require(
      Hex.decode("8f2a55949038a9610f50fb23b5883af3b4ecb3c3bb792cbcefbd1542c692be63"))
    let key = try EthereumKey(secret: secret)
    #expect(key.address.description == "0xFE3B557E8Fb62b89F4916B721be55cEb828dBd73")
    let transaction = FeeMarketTransaction(
      chainID: 7822, nonce: values[0], maxPriorityFeePerGas: values[3], maxFeePerGas: values[4],
      gasLimit: values[2], to: EthereumAddress("0x000000000000000000000000000000000000aaaa"),
      value: values[1], data: [])
    let signed = try transaction.signed(by: key, random: SystemRandom())
    #expect(Hex.encode(signed.raw) == raw)
    #expect(signed.name.bytes == Keccak256.hash(signed.raw))
    // Blinding must not show.
    #expect(try transaction.signed(by: key, random: SystemRandom()).raw == signed.raw)
  }

  @Test(arguments: [
    [UInt8](repeating: 0, count: 32), [UInt8](repeating: 0xFF, count: 32), [1, 2, 3],
  ])
  func noKeys(secret: [UInt8]) {
    #expect { try EthereumKey(secret: secret) } throws: {
      ($0 as? PeerChartError)?.code == .invalid
    }
  }

  @Test func aKeyIsNotPrinted() throws {
    let key = try EthereumKey(secret: [UInt8](repeating: 7, count: 32))
    #expect(!"\(key)".contains("7, 7, 7"))
  }

  @Test func revocationKeysTellNothingApart() throws {
    let salt = [UInt8](repeating: 1, count: 32)
    let document = try #require(RevocationKey.key(.document, id: "a", salt: salt))
    #expect(document != RevocationKey.key(.grant, id: "a", salt: salt))
    #expect(document != RevocationKey.key(.document, id: "b", salt: salt))
    #expect(
      document != RevocationKey.key(.document, id: "a", salt: [UInt8](repeating: 2, count: 32)))
    #expect(RevocationKey.key(.document, id: "a", salt: []) == nil)
  }
}
