import FHIR
import Primitives
import Testing

/// Random patches against a model that applies them to a tree, and against bytes that must not change.
@Suite struct JSONPatchPropertyTests {
  @Test func patchesDoWhatAModelDoes() throws {
    let seed = FuzzRandom.printedSeed(for: "JSON patches")
    var random = FuzzRandom(seed: seed)
    var applied = 0
    for _ in 0..<4000 {
      var model: JSONTree = .object([
        ("resourceType", "Basic"), ("a", value(&random)), ("b", value(&random)),
      ])
      let text = Spacing.written(model, &random)
      let resource = try Resource(parsing: Array(text.utf8))
      var operations: [JSONTree] = []
      var isPossible = true
      for _ in 0..<Int.random(in: 1...4, using: &random) where isPossible {
        let operation = operation(on: model, &random)
        operations.append(operation.json)
        guard let next = operation.apply(to: model) else {
          isPossible = false
          continue
        }
        model = next
      }
      let patch = JSONTree.array(operations).serialized()
      let comment: Comment = "seed \(seed): \(text) \(String(decoding: patch, as: UTF8.self))"
      do throws(PeerChartError) {
        let bytes = try JSONPatch(parsing: patch).applied(to: resource)
        let found = try JSONDocument(parsing: bytes).root
        let expected = try JSONDocument(parsing: model.serialized()).root
        #expect(isPossible, comment)
        #expect(JSONComparison.differences(found, expected).isEmpty, comment)
        applied += 1
      } catch {
        #expect(!isPossible, comment)
      }
    }
    #expect(applied > 500)
  }

  @Test func whatIsNotTouchedStaysByteForByte() throws {
    var random = FuzzRandom(seed: FuzzRandom.printedSeed(for: "JSON patch bytes"))
    for _ in 0..<500 {
      let kept = Spacing.written(value(&random), &random)
      let text =
        "{ \"resourceType\" : \"Basic\",\n  \"kept\" :  \(kept) ,\t\"x\": [ 1, {\"y\" : 2.50}] }"
      let resource = try Resource(parsing: Array(text.utf8))
      let patch =
        #"[{"op":"replace","path":"/x/1/y","value":3},{"op":"add","path":"/x/-","value":4},{"op":"remove","path":"/x/0"},{"op":"add","path":"/z","value":{}}]"#
      let bytes = try JSONPatch(parsing: Array(patch.utf8)).applied(to: resource)
      #expect(
        String(decoding: bytes, as: UTF8.self)
          == "{ \"resourceType\" : \"Basic\",\n  \"kept\" :  \(kept) ,\t\"x\": [ {\"y\" : 3}, 4], \"z\" : {} }"
      )
    }
  }

  private func value(_ random: inout FuzzRandom, depth: Int = 0) -> JSONTree {
    switch Int.random(in: 0..<(depth > 2 ? 5 : 8), using: &random) {
    case 0: .number(random.pick(["0", "1.10", "-2e3", "15"]))
    case 1: .string(random.pick(["", "x", "é\"\\", "~/"]))
    case 2: .bool(random.chance(50))
    case 3: .null
    case 4: .array([])
    case 5, 6:
      .object(
        ["k", "a/b", "m~n", ""].shuffled(using: &random).prefix(
          Int.random(in: 0...3, using: &random)
        )
        .map { ($0, value(&random, depth: depth + 1)) })
    default:
      .array(
        (0..<Int.random(in: 1...3, using: &random)).map { _ in value(&random, depth: depth + 1) })
    }
  }

  private func operation(on model: JSONTree, _ random: inout FuzzRandom) -> ModelOperation {
    let all = PatchModel.pointers(of: model)
    func pointer() -> [String] {
      var tokens = random.pick(all)
      if random.chance(25), !tokens.isEmpty {
        tokens[tokens.count - 1] = random.pick(["-", "0", "1", "new", "01"])
      }
      if random.chance(15) { tokens.append(random.pick(["-", "0", "new"])) }
      return tokens
    }
    let path = pointer()
    switch Int.random(in: 0..<6, using: &random) {
    case 0: return .add(path, value(&random))
    case 1: return .remove(path)
    case 2: return .replace(path, value(&random))
    case 3: return .copy(pointer(), path)
    case 4: return .move(pointer(), path)
    default: return .test(path, PatchModel.get(model, path[...]) ?? .null)
    }
  }
}

/// JSON with random white space.
private enum Spacing {
  static func written(_ tree: JSONTree, _ random: inout FuzzRandom) -> String {
    func space() -> String { random.pick(["", "", " ", "\n  "]) }
    switch tree {
    case .object(let members):
      return "{" + space()
        + members.map { name, value in
          String(decoding: JSONTree.string(name).serialized(), as: UTF8.self) + space() + ":"
            + space()
            + written(value, &random) + space()
        }.joined(separator: "," + space()) + "}"
    case .array(let elements):
      return "[" + space()
        + elements.map { written($0, &random) + space() }.joined(separator: "," + space()) + "]"
    default: return String(decoding: tree.serialized(), as: UTF8.self)
    }
  }
}
