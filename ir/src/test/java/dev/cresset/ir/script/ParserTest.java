package dev.cresset.ir.script;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.diag.ScriptException;
import dev.cresset.ir.graph.Source;
import dev.cresset.ir.graph.SourceRange;
import dev.cresset.ir.script.ast.ClassDef;
import dev.cresset.ir.script.ast.Expr;
import dev.cresset.ir.script.ast.FunctionDef;
import dev.cresset.ir.script.ast.SourceFile;
import dev.cresset.ir.script.ast.Stmt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParserTest {
    private static Source source(String text) { return new Source("m.py", text); }

    private static Expr parse(String text) { return Parser.parseExpression(source(text)); }

    private static SourceFile file(String text) { return Parser.parse(source(text)); }

    private static void check(String text, String expected) { assertEquals(expected, AstText.of(parse(text)), text); }

    private static void checkBody(String text, String expected) {
        assertEquals(expected, AstText.of(file(text).body()), text);
    }

    private static String error(String text) {
        return assertThrows(ScriptException.class, () -> file(text), text).getMessage();
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', value = {
        "a + b * c ** -d; (+ a (* b (** c (- d))))",
        "a - b - c; (- (- a b) c)",
        "a ** b ** c; (** a (** b c))",
        "-2 ** 2; (- (** 2 2))",
        "-x.y(z); (- (call (. x y) z))",
        "a | b ^ c & d << e + f @ g; (| a (^ b (& c (<< d (+ e (@ f g))))))",
        "~a // b % c / d; (/ (% (// (~ a) b) c) d)",
        "not a == b and c or d; (or (and (not (== a b)) c) d)",
        "a and b and c; (and (and a b) c)",
        "a < b; (< a b)",
        "a < b <= c; (chain < <= a b c)",
        "a not in b; (not in a b)",
        "a is not None; (is not a None)",
        "a is None; (is a None)",
        "x if c else y if d else z; (if c x (if d y z))",
        "(a, b); (tuple a b)",
        "(a,); (tuple a)",
        "(); (tuple)",
        "(a); a",
        "a, *b; (tuple a *b)",
        "[a, b, ]; (list a b)",
        "{'k': 1, 'l': [2]}; (dict 'k':1 'l':(list 2))",
        "{}; (dict)",
        "[f(i) for i, j in xs]; (listcomp (call f i) (tuple i j) xs)",
        "{k: v for k, v in d.items()}; (dictcomp k v (tuple k v) (call (. d items)))",
        "any(x > 0 for x in xs); (call any (listcomp (> x 0) x xs))",
        "f(a, *b, k=1, )(c); (call (call f a *b k=1) c)",
        "x[1:2, ::3, ..., None, :]; ([] x (slice 1 2 _) (slice _ _ 3) ... None (slice _ _ _))",
        "(t)[0]; ([] t 0)",
        "x[(a, b)]; ([] x (tuple a b))",
        "torch.add(x, 1); (call (. torch add) x 1)",
        "f'{a}: {b[0] != c}{{}}'; (fstr a ': ' (!= ([] b 0) c) '{}')",
        "'a' \"b\" r'\\n'; 'ab\\u005cn'",
        "Ellipsis; ..."})
    void expressions(String text, String expected) { check(text, expected); }

    @ParameterizedTest
    @CsvSource({
        "123, 123", "0xff, 255", "0b11, 3", "1_000, 1000", "9223372036854775807, 9223372036854775807",
        "-9223372036854775808, -9223372036854775808", "10000000000, 10000000000", "1., 1.0f", ".5, 0.5f",
                "1e3, 1000.0f",
        "1.5e-07, 1.5E-7f", "-0., -0.0f", "1e+17, 1.0E17f", "2.j, 2.0j", "1.+2.j, (+ 1.0f 2.0j)",
                "2.-1.j, (- 2.0f 1.0j)"})
    void numbers(String text, String expected) { check(text, expected); }

    @Test
    void stringEscapes() {
        String written = "\"\\\\ \\' \\\" \\n\\t\\r\\a\\b\\f\\v \\x41 \\101 \\u00e9 \\q\"";
        assertEquals("\\ ' \" \n\t\r\007\b\f\013 A A \u00e9 \\q", ((Expr.StringLiteral) parse(written)).value());
        assertEquals("a\n\"b\"", ((Expr.StringLiteral) parse("\"\"\"a\r\n\"b\"\\\n\"\"\"")).value());
    }

    @Test
    void statements() {
        checkBody("a = b = 1\n", "{(assign a b :_ =1)}");
        checkBody("v, i = f(x)\na, = t\n(a, b), *c = t",
                "{(assign (tuple v i) :_ =(call f x)) (assign (tuple a) :_ =t) "
                + "(assign (tuple (tuple a b) *c) :_ =t)}");
        checkBody("x : List[int] = []\ny : int\n", "{(assign x :([] List int) =(list)) (assign y :int =_)}");
        checkBody("a += 1\nx[0] **= 2\ns.n //= 3\nq @= r\n", "{(+= a 1) (**= ([] x 0) 2) (//= (. s n) 3) (@= q r)}");
        checkBody("return\nreturn a, b\nraise E(1)\nassert a\nassert a, 'm'\ndel d['k'], e\n",
                "{(return _) (return (tuple a b)) (raise (call E 1)) (assert a _) (assert a 'm') (del ([] d 'k') e)}");
        checkBody("if a: x = 1; y = 2\nelif b:\n  break\nelse:\n  continue\n",
                "{(if a {(assign x :_ =1) (assign y :_ =2)} {(if b {break} {continue})})}");
        checkBody("while a:\n  pass\nfor i, x in enumerate(xs):\n  pass\n",
                "{(while a {pass}) (for (tuple i x) (call enumerate xs) {pass})}");
        checkBody("with a as b, c():\n  pass\n", "{(with a>b (call c)>_ {pass})}");
    }

    @Test
    void functions() {
        checkBody("@torch.jit.export\ndef f(self, x: int, *, k: float=1.,) -> Tuple[int, str]:\n"
                + "  def g():\n    return x\n",
                "{(def f (params self:_=_ x:int=_ kw k:float=1.0f) ([] Tuple int str) "
                + "(decorators (. (. torch jit) export)) {(def g (params) _ (decorators) {(return x)})})}");
        checkBody("def f(self: M,\n    x: Tensor) -> Tensor: return x",
                "{(def f (params self:M=_ x:Tensor=_) Tensor (decorators) {(return x)})}");
    }

    @Test
    void typeComments() {
        String body = " ([] List int) (decorators) {pass})}";
        checkBody("def f(self, x, y=1):\n  # type: (int, Optional[int]) -> List[int]\n  pass\n",
                "{(def f (params self:_=_ x:int=_ y:([] Optional int)=1)" + body);
        checkBody("def f(x,  # type: int\n      y  # no type\n  ):\n  # type: (...) -> List[int]\n  pass\n",
                "{(def f (params x:int=_ y:_=_)" + body);
        checkBody("def f(x):\n  # type: ignore\n  pass  # type: later\n",
                "{(def f (params x:_=_) _ (decorators) {pass})}");
        assertTrue(error("def f(x):\n  # type: (int, int) -> int\n  pass\n").contains("names 2 parameters"));
    }

    @Test
    void storedClass() {
        String text = """
                op_version_set = 1
                import __torch__.a.b
                class M(Module):
                  __parameters__ = ["w", ]
                  w : Tensor
                  __annotations__["0"] = __torch__.R
                  k : Final[float] = 0.5
                  def forward(self: __torch__.M,
                    x: Tensor) -> Tensor:
                    return torch.add(x, self.w)
                """;
        ClassDef c = file(text).classes().getFirst();
        assertEquals(1, file(text).body().size());
        assertEquals(4, c.assignments().size());
        assertEquals("(assign ([] __annotations__ '0') :_ =(. __torch__ R))", AstText.of(c.assignments().get(2)));
        FunctionDef forward = c.methods().getFirst();
        assertEquals("forward", forward.name());
        assertEquals(text.indexOf("def"), forward.range().start());
        assertEquals(text.stripTrailing().length(), c.range().end());
        checkBody("class A(Enum):\n  RED = 1\n\nclass B:\n",
                "{(class A (bases Enum) (decorators) {(assign RED :_ =1)}) "
                + "(class B (bases) (decorators) {})}");
    }

    @Test
    void layoutIsFree() {
        String expected = "{(if a {(assign x :_ =(call f a b)) pass} {}) pass}";
        checkBody("if a:\n  x = f(a, b)\n  pass\npass\n", expected);
        checkBody("\uFEFF\r\n# c\r\nif a: # c\r\n\tx = f(a,\r\n# c\r\n b)\r\n\r\n   # c\r\n\tpass\r\npass", expected);
        checkBody("if a:\n  x = \\\n f(a, b);\n  pass\n \t\n#\npass # c", expected);
        checkBody("", "{}");
        checkBody("from a import (b,\n c)\nimport d\n", "{}");
    }

    @Test
    void rangesCoverOperands() {
        String text = "x = (sub).forward(a + b, )\n";
        Stmt.Assign s = (Stmt.Assign) file(text).body().getFirst();
        Expr.Call call = (Expr.Call) s.value().orElseThrow();
        assertEquals("sub).forward", text(call.callee().range()));
        assertEquals("a + b", text(call.args().getFirst().range()));
        assertEquals("sub).forward(a + b, )", text(call.range()));
    }

    private static String text(SourceRange range) {
        return range.source().text().substring(range.start(), range.end());
    }

    @Test
    void types() {
        for (String type : new String[] {"Dict[str, List[int]]", "Tuple[()]", "__torch__.a.M", "None", "Tensor",
            "Callable[[int], int]"}) Parser.parseType(source(type));
        for (String type : new String[] {"1", "f(x)", "a + b", "List[1:2]", "List[int", "f().g", "", "a b"}) {
            assertThrows(ScriptException.class, () -> Parser.parseType(source(type)), type);
        }
    }

    @Test
    void errorsShowThePlace() {
        assertEquals("""
                Expected ')' after the arguments but found 'y':
                  File "m.py", line 2
                    def f(x):
                      return g(x y)
                                 ~ <--- HERE""", error("def f(x):\n  return g(x y)\n"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', value = {
        "x = 9223372036854775808; does not fit in 64 bits", "x = 012abc; run into a name", "x = 0x; is not a number",
        "x = 0xfg; is not a number", "x = 'a; never closed", "x = (1; never closed", "x = 1); closes nothing",
        "x = (1]; Expected ')'", "x = 1 $ 2; The character '$'", "x = a \\ b; last character of its line",
        "x = lambda: 1; no lambda", "global x; no global", "try: pass; cannot catch", "x = {1, 2}; no sets",
        "x = [a for a in b if c]; no 'if'", "x = f'{a:.2f}'; format specifications", "x = f'{a'; never closed",
        "x = b'a'; no bytes", "1 = x; cannot be assigned", "f(x) += 1; cannot be assigned", "a, b += 1; not several",
        "f(k=1, 2); must not follow", "f(**k); no ** arguments", "x = *a; needs a comma",
                "async def f(): pass; no 'async'",
        "x = ; Expected an expression but found the end of the line", "raise; needs an exception",
        "def f(x, /): pass; positional-only", "if a:; an indented block", "x = '\\x4'; 2 hexadecimal digits",
        "x = 1 2; Expected the end of the statement but found the number 2", "if a pass; Expected ':'"})
    void refusals(String text, String reason) {
        String message = error(text);
        assertTrue(message.contains(reason) && message.contains("<--- HERE"), message);
    }

    @Test
    void refusesBadIndentation() {
        assertTrue(error("if a:\n    x\n  y\n").contains("matches no block"));
        assertTrue(error("  x\n").contains("Unexpected indentation"));
        assertTrue(error("for a in b:\n  pass\nelse:\n  pass\n").contains("no 'else'"));
    }
}
