import FHIR
import Foundation
import Primitives
import Testing

/// Mutated expressions and patches: an answer or an error, within the budget, and never a trap.
@Suite struct FHIRPathFuzzTests {
  private static let expressions = [
    "name.where(use = 'official').given.first() & ' ' & (1 + 2.5).toString()",
    "Patient.birthDate <= today() - 18 years implies contact.all(name.exists() or telecom.count() > 0)",
    "(1 | 2 | {}).select($this * -3 div 2 mod 7).aggregate($total + $this, 0).power(2).sqrt().round(2)",
    "descendants().where($this is Quantity or $this.as(FHIR.string).matches('^[a-z]+(\\\\d{1,3})*$')).extension(%`ext-x`).value",
    "iif(@2015-02-04T14:34:28.123+10:00 > @T10:00, 'a'.replaceMatches('(?<x>a)', '${x}$0'), 'b\\u0041\\n'.substring(0, 1).upper())",
    "value.ofType(Quantity) ~ 4.0 'mg' and %resource.contained.id.trace('x', $index) contains '#' or name[0].given[1].indexOf('e') != 3",
    "repeat(children()).count() xor (4 'g').toQuantity('mg') = 4000 'mg' // end",
    "generalPractitioner.resolve().exists().not() /* c */ | name.split(',').join('-').replace('a', '').toChars().isDistinct()",
  ]

  private static let patterns = [
    "^(a+|b?)*[^c-e\\d]{2,5}?(?<n>x|y.)$", "\\p{L}+\\s*(\\w|-)+\\b", "[\\[\\]\\\\^-]|\\.\\u0041",
    "((a{0,3}){0,3}){0,3}",
  ]

  private static let patches = [
    #"[{"op":"add","path":"/name/-","value":{"given":["x",1.50]}},{"op":"move","from":"/name/0","path":"/a~1b"},{"op":"copy","from":"/telecom","path":"/telecom/0/x"},{"op":"test","path":"/active","value":true},{"op":"remove","path":"/gender"},{"op":"replace","path":"/birthDate","value":null}]"#
  ]

  private static let parameters = [
    #"{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"add"},{"name":"path","valueString":"Patient.name[0]"},{"name":"name","valueString":"given"},{"name":"value","valueString":"x","_valueString":{"id":"q"}}]},{"name":"operation","part":[{"name":"type","valueCode":"move"},{"name":"path","valueString":"Patient.name"},{"name":"source","valueInteger":0},{"name":"destination","valueInteger":1}]},{"name":"operation","part":[{"name":"type","valueCode":"delete"},{"name":"path","valueString":"Patient.name[1].given[0]"}]},{"name":"operation","part":[{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Patient.birthDate"},{"name":"value","valueDate":"2000"}]},{"name":"operation","part":[{"name":"type","valueCode":"insert"},{"name":"path","valueString":"Patient.identifier"},{"name":"index","valueInteger":0},{"name":"value","part":[{"name":"value","valueString":"1"}]}]}]}"#
  ]

  private var iterations: Int {
    ProcessInfo.processInfo.environment["PEERCHART_FUZZ_ITERATIONS"].flatMap { Int($0) } ?? 4_000
  }

  private func mutate(_ bytes: inout [UInt8], _ others: [String], _ random: inout FuzzRandom) {
    guard !bytes.isEmpty else { return }
    let place = Int.random(in: 0..<bytes.count, using: &random)
    let length = Int.random(in: 0...min(16, bytes.count - place), using: &random)
    switch Int.random(in: 0..<7, using: &random) {
    case 0: bytes[place] = UInt8.random(in: 0x20...0x7E, using: &random)
    case 1: bytes.removeSubrange(place..<place + length)
    case 2: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
    case 3: bytes[place] = random.pick(Array("()[]{}.,'\"\\|*+?/-0159 $%@`".utf8))
    case 4:
      let words = [
        "2147483648", "9999", "{}", "99999999999999999999", "-1", "$this", " is ", "()", ".1", "é",
        "1e5", "null", "/0",
      ]
      bytes.insert(contentsOf: random.pick(words).utf8, at: place)
    case 5: bytes[place] ^= 1 << UInt8.random(in: 0..<7, using: &random)
    default:
      let other = Array(random.pick(others).utf8)
      let start = Int.random(in: 0..<other.count, using: &random)
      bytes.replaceSubrange(
        place..<place + length, with: other[start..<min(other.count, start + 24)])
    }
  }

  private func mutated(_ samples: [String], _ random: inout FuzzRandom) -> String {
    var bytes = Array(random.pick(samples).utf8)
    for _ in 0..<Int.random(in: 1...4, using: &random) { mutate(&bytes, samples, &random) }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func expressions() throws {
    let seed = FuzzRandom.printedSeed(for: "FHIRPath fuzz")
    var random = FuzzRandom(seed: seed)
    let items = [
      try FHIRPathSupport.item(FHIRPathSupport.patient),
      try FHIRPathSupport.item(FHIRPathSupport.observation),
    ]
    let environment = FHIRPathEnvironment(now: FHIRPathSupport.now)
    var evaluated = 0
    for _ in 0..<iterations {
      let text = mutated(Self.expressions, &random)
      do throws(PeerChartError) {
        let path = try FHIRPath(text)
        let budget = FHIRPathBudget(steps: 100_000, maximumItems: 5_000, maximumText: 10_000)
        for item in items { _ = try path.evaluate(on: item, in: environment, budget: budget) }
        evaluated += 1
      } catch {
        #expect(error.place?.hasPrefix("character ") ?? false, "seed \(seed): \(text)")
      }
    }
    #expect(evaluated > iterations / 100)
  }

  @Test func regularExpressions() throws {
    var random = FuzzRandom(seed: FuzzRandom.printedSeed(for: "FHIRPath pattern fuzz"))
    let item = try FHIRPathSupport.item(FHIRPathSupport.patient)
    let path = try FHIRPath("%t.matches(%p) | %t.replaceMatches(%p, '$1-${n}')")
    var matched = 0
    for _ in 0..<iterations {
      let pattern = mutated(Self.patterns, &random)
      let environment = FHIRPathEnvironment(variables: [
        "p": FHIRPathCollection(.string(pattern)),
        "t": FHIRPathCollection(
          .string(random.pick(["", "aabxyA", "é]-^\\.", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]))),
      ])
      if (try? path.evaluate(on: item, in: environment, budget: FHIRPathBudget(steps: 200_000)))
        != nil
      {
        matched += 1
      }
    }
    #expect(matched > iterations / 50)
  }

  @Test func patches() throws {
    let seed = FuzzRandom.printedSeed(for: "patch fuzz")
    var random = FuzzRandom(seed: seed)
    let resource = try Resource(parsing: Array(FHIRPathSupport.patient.utf8))
    let limits = PatchLimits(maximumOperations: 50, maximumBytes: 100_000, maximumWork: 1 << 20)
    var applied = 0
    for round in 0..<iterations {
      let isJSON = round % 2 == 0
      let text = mutated(isJSON ? Self.patches : Self.parameters, &random)
      let bytes = Array(text.utf8)
      do throws(PeerChartError) {
        let result =
          isJSON
          ? try JSONPatch(parsing: bytes, limits: limits).applied(to: resource)
          : try FHIRPathPatch(Resource(parsing: bytes), limits: limits).applied(
            to: resource, types: StructureElementTypes.standard)
        let patched = try Resource(parsing: result)
        #expect(patched.id == resource.id && patched.type == resource.type, "seed \(seed): \(text)")
        applied += 1
      } catch {
        #expect(error.place != nil, "seed \(seed): \(text)")
      }
    }
    #expect(applied > iterations / 100)
  }
}
