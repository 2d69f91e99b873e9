import Foundation
import Primitives
import Synchronization
import Testing
import Vault

/// The file of the root 00 01 02 … 1F, as docs/format/sealed-record.md describes it.
private let fileVector = """
  peerchart root key, version 1
  generation 1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8
  check 43988e47bf4f7cf6

  """

private let context = KeyContext(purpose: .chartKey, slot: 7, generation: 1)

@Suite("The root key in a file")
struct FileKeyProviderTests {
  let random = SystemRandom()

  private func opens(_ bytes: [UInt8]) throws -> [UInt32] {
    let files = CrashingFiles()
    files["/k"] = bytes
    return try FileKeyProvider(path: "/k", random: random, files: files).generations()
  }

  @Test("is made with mode 0600, found again, and never overwritten")
  func create() throws {
    let folder = try TemporaryFolder()
    let provider = try FileKeyProvider.create(path: folder.path("root.key"), random: random)
    #expect(try folder.mode("root.key") == 0o600)
    let key = SecretBytes(random: random, count: 32)
    let wrapped = try provider.wrap(key, context: context, generation: 1)
    let before = try folder.bytes("root.key")
    #expect(
      errorCode {
        _ = try FileKeyProvider.create(path: folder.path("root.key"), random: random)
      } == .conflict)
    #expect(try folder.bytes("root.key") == before)
    let again = try FileKeyProvider(path: folder.path("root.key"), random: random)
    #expect(try again.unwrap(wrapped, context: context) == key)
    #expect(errorCode { _ = try again.wrap(key, context: context, generation: 2) } == .notFound)
  }

  @Test(
    "is refused while others can read it, with the way to mend it",
    arguments: [0o640, 0o604, 0o660, 0o644])
  func permissions(mode: Int) throws {
    let folder = try TemporaryFolder()
    _ = try FileKeyProvider.create(path: folder.path("root.key"), random: random)
    try folder.setMode(mode, of: "root.key")
    let error = #expect(throws: PeerChartError.self) {
      _ = try FileKeyProvider(path: folder.path("root.key"), random: random)
    }
    #expect(error?.code == .forbidden)
    #expect(error?.reason.contains("chmod 600") == true)
    try folder.setMode(0o400, of: "root.key")
    #expect(
      try FileKeyProvider(path: folder.path("root.key"), random: random).generations() == [1])
  }

  @Test("missing, a folder, or too large: a clear error")
  func unusable() throws {
    let folder = try TemporaryFolder()
    #expect(
      errorCode { _ = try FileKeyProvider(path: folder.path("none"), random: random) } == .notFound)
    try FileManager.default.createDirectory(
      atPath: folder.path("dir"), withIntermediateDirectories: true)
    #expect(
      errorCode { _ = try FileKeyProvider(path: folder.path("dir"), random: random) } == .invalid)
    try folder.write(Data(count: 70_000), to: "big", mode: 0o600)
    #expect(
      errorCode { _ = try FileKeyProvider(path: folder.path("big"), random: random) } == .tooLarge)
  }

  @Test("replacing the root leaves mode 0600, no leftovers, and wipes the old content")
  func replacement() throws {
    let folder = try TemporaryFolder()
    let provider = try FileKeyProvider.create(path: folder.path("root.key"), random: random)
    #expect(try provider.stage(after: 1) == 2)
    // A leftover of a killed process, readable by all, must neither stay nor lend its mode.
    try folder.write(Data("leftover".utf8), to: "root.key.new", mode: 0o666)
    let old = try #require(FileHandle(forReadingAtPath: folder.path("root.key")))
    let size = try folder.bytes("root.key").count
    try provider.commit(2)
    #expect(try folder.mode("root.key") == 0o600)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path("")).sorted()
        == ["root.key", "root.key.lock"])
    #expect(try old.readToEnd() == Data(count: size))
    try old.close()
    #expect(try provider.generations() == [2])
  }

  @Test("a symbolic link is read, and not replaced")
  func link() throws {
    let folder = try TemporaryFolder()
    _ = try FileKeyProvider.create(path: folder.path("root.key"), random: random)
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("link"), withDestinationPath: folder.path("root.key"))
    let provider = try FileKeyProvider(path: folder.path("link"), random: random)
    #expect(errorCode { _ = try provider.stage(after: 1) } == .invalid)
    #expect(try provider.generations() == [1])
  }

  @Test("many at once stage one and the same root")
  func race() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("root.key")
    _ = try FileKeyProvider.create(path: path, random: random)
    let wraps = Mutex<[WrappedKey]>([])
    let key = SecretBytes(random: random, count: 32)
    DispatchQueue.concurrentPerform(iterations: 16) { _ in
      guard let provider = try? FileKeyProvider(path: path, random: SystemRandom()),
        let next = try? provider.stage(after: 1),
        let wrapped = try? provider.wrap(key, context: context, generation: next)
      else { return }
      wraps.withLock { $0.append(wrapped) }
    }
    let provider = try FileKeyProvider(path: path, random: random)
    #expect(try provider.generations() == [1, 2])
    let made = wraps.withLock { $0 }
    #expect(made.count == 16)
    for wrapped in made { #expect(try provider.unwrap(wrapped, context: context) == key) }
  }

  @Test("reads the file that the page describes, and writes it again to the bit")
  func vector() throws {
    #expect(try opens(Array(fileVector.utf8)) == [1])
    let files = CrashingFiles()
    struct Ascending: RandomSource {
      func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0) } }
    }
    _ = try FileKeyProvider.create(path: "/k", random: Ascending(), files: files)
    #expect(files["/k"] == Array(fileVector.utf8))
  }

  @Test("any changed, missing or additional byte is refused")
  func strict() throws {
    let good = Array(fileVector.utf8)
    for (place, bytes) in flips(of: good) {
      let code = errorCode { _ = try opens(bytes) }
      #expect(code == .integrity || code == .unsupportedVersion || code == .malformed, "\(place)")
    }
    for end in 0..<good.count { #expect(errorCode { _ = try opens(Array(good[..<end])) } != nil) }
    for extra in [[10], [0], Array("x".utf8)] {
      #expect(errorCode { _ = try opens(good + extra) } != nil)
      #expect(errorCode { _ = try opens(extra + good) } != nil)
    }
  }

  @Test("other spellings of the same file are refused though the checksum fits")
  func canonical() throws {
    let value = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
    let title = "peerchart root key, version 1"
    #expect(try opens(checked([title, "generation 1 \(value)"])) == [1])
    #expect(
      try opens(checked([title, "generation 1 \(value)", "generation 5 \(value)"])) == [1, 5])
    for lines in [
      [title, "generation 01 \(value)"], [title, "generation +1 \(value)"],
      [title, "generation 0 \(value)"], [title, "generation 1  \(value)"],
      [title, "generation 1 \(value)="], [title, "generation 1 \(value.dropLast(4))"],
      [title, "Generation 1 \(value)"], [title, "generation 1 \(value)", ""], [title],
      [title, "generation 2 \(value)", "generation 1 \(value)"],
      [title, "generation 1 \(value)", "generation 1 \(value)"],
      [title] + (1...9).map { "generation \($0) \(value)" },
      [title] + (1...80).map { "generation \($0) \(value)" },
    ] { #expect(errorCode { _ = try opens(checked(lines)) } == .malformed, "\(lines)") }
  }
}
