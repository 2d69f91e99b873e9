import Primitives
import Testing
import TransparencyLog

struct TileTests {
  @Test(
    arguments: [
      ("tile/0/000", 0, 0, 256), ("tile/0/x001/x234/067", 0, 1_234_067, 256),
      ("tile/1/000.p/17", 1, 0, 17), ("tile/63/999.p/255", 63, 999, 255),
      ("tile/2/x001/000.p/1", 2, 1_000, 1), ("tile/0/x999/999", 0, 999_999, 256),
    ] as [(String, Int, UInt64, Int)])
  func pathsRoundTrip(path: String, level: Int, index: UInt64, width: Int) throws {
    let tile = try #require(Tile(level: level, index: index, width: width))
    #expect(tile.path == path)
    #expect(try Tile(path: path) == tile)
  }

  @Test(arguments: [
    "", "tile", "tile/0", "tile/0/", "tile/00/000", "tile/64/000", "tile/-1/000", "tile/0/0",
    "tile/0/00", "tile/0/0000", "tile/0/x000/001", "tile/0/x01/001", "tile/0/001/002",
    "tile/0/x001/x002", "tile/0/x001", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01",
    "tile/0/000.p/", "tile/0/000.p", "tile/0/000/", "/tile/0/000", "tile/0/000.p/1/2",
    "tile/0/0a0", "tile/0/x00a/000", "Tile/0/000", "tile/0/+00", "tile/0/.p/3", "tile/0/000.q/3",
    "tile/0/x018/x446/x744/x073/x709/x551/615", "tile/0/x999/x999/x999/x999/x999/x999/999",
  ])
  func otherPathsAreRefused(path: String) {
    #expect(throws: PeerChartError.self) { try Tile(path: path) }
  }

  @Test func everyPathComesBack() throws {
    var random = SeededGenerator()
    for _ in 0..<2_000 {
      let index = random.next() >> UInt64.random(in: 8...63, using: &random)
      let width = Int.random(in: 1...256, using: &random)
      guard let tile = Tile(level: 3, index: index, width: width) else { continue }
      #expect(try Tile(path: tile.path) == tile, "seed \(random.seed)")
    }
  }

  /// The example of the specification: 70,000 leaves.
  @Test func tilesOfALog() {
    let tiles = Array(Tile.tiles(ofLogSize: 70_000))
    #expect(tiles.filter { $0.level == 0 && $0.isFull }.count == 273)
    #expect(tiles.filter { $0.level == 0 && !$0.isFull }.map(\.width) == [112])
    #expect(tiles.filter { $0.level == 1 }.map(\.width) == [256, 17])
    #expect(tiles.filter { $0.level == 2 }.map(\.width) == [1])
    #expect(tiles.allSatisfy { $0.level <= 2 })
    #expect(Array(Tile.tiles(ofLogSize: 256)).map(\.width) == [256, 1])
    #expect(Array(Tile.tiles(ofLogSize: 0)).isEmpty)
  }

  @Test func aLogReadThroughItsTilesIsTheSame() throws {
    let log = MemoryLog(size: 1_500)
    let view = TiledLogView(size: 1_500) { try log.contents(of: $0) }
    for (index, size) in [(0, 1_500), (255, 256), (256, 257), (1_499, 1_500), (700, 1_400)] {
      let index = UInt64(index)
      let size = UInt64(size)
      #expect(try view.root(at: size) == log.root(at: size))
      #expect(
        try view.inclusionProof(of: index, in: size) == log.inclusionProof(of: index, in: size))
    }
    #expect(try view.leafHashes(200..<600) == log.leafHashes(200..<600))
    #expect(throws: PeerChartError.self) { try view.leafHashes(1_499..<1_501) }
    let short = TiledLogView(size: 1_500) { Array(try log.contents(of: $0).dropLast()) }
    #expect(throws: PeerChartError.self) { try short.root(at: 1_500) }
  }

  /// A store that has lost rows says so; it does not make a proof of what is left.
  @Test func missingHashesAreNamed() {
    struct Gap: LogView {
      let log = MemoryLog(size: 600)
      var size: UInt64 { log.size }
      func leafHashes(_ range: Range<UInt64>) -> [Hash] { Array(log.leafHashes(range).dropFirst()) }
      func tileRoots(level: Int, _ range: Range<UInt64>) -> [Hash] {
        log.tileRoots(level: level, range)
      }
    }
    #expect {
      try Gap().inclusionProof(of: 3, in: 600)
    } throws: {
      ($0 as? PeerChartError)?.code == .integrity
    }
  }
}
