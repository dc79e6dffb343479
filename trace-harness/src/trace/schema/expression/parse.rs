//! Reading expressions.
//!
//! Not here: evaluating them.

use crate::trace::schema::expression::{Expr, Function, Operator};

/// Deepest nesting; laws are short, and the reader calls itself.
const DEEPEST: usize = 64;

/// Reads an expression.
///
/// # Errors
/// What was found and what was expected.
pub fn parse(text: &str) -> Result<Expr, String> {
    let mut reader = Reader { rest: text, whole: text, depth: 0 };
    let expr = reader.conjunction()?;
    match reader.rest.trim_start() {
        "" => Ok(expr),
        rest => Err(format!("`{rest}` is left over in `{text}`; expected an operator or the end")),
    }
}

struct Reader<'a> {
    rest: &'a str,
    whole: &'a str,
    depth: usize,
}

impl Reader<'_> {
    fn takes(&mut self, token: &str) -> bool {
        let rest = self.rest.trim_start();
        let found = rest.strip_prefix(token);
        if let Some(rest) = found {
            self.rest = rest;
        }
        found.is_some()
    }

    fn takes_one<T: Copy>(&mut self, tokens: &[(&str, T)]) -> Option<T> {
        tokens.iter().find(|(token, _)| self.takes(token)).map(|(_, value)| *value)
    }

    fn wants(&mut self, token: &str) -> Result<(), String> {
        match self.takes(token) {
            true => Ok(()),
            false => Err(format!("`{}` in `{}`; expected `{token}`", self.rest.trim_start(), self.whole)),
        }
    }

    fn conjunction(&mut self) -> Result<Expr, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("`{}` is nested too deeply; expected at most {DEEPEST} levels", self.whole));
        }
        let mut left = self.comparison()?;
        while self.takes("and ") {
            left = binary(Operator::And, left, self.comparison()?);
        }
        self.depth -= 1;
        Ok(left)
    }

    fn comparison(&mut self) -> Result<Expr, String> {
        let left = self.sum()?;
        let tokens = [("==", Operator::Equal), ("<=", Operator::LessOrEqual), ("<", Operator::Less)];
        match self.takes_one(&tokens) {
            Some(operator) => Ok(binary(operator, left, self.sum()?)),
            None => Ok(left),
        }
    }

    fn sum(&mut self) -> Result<Expr, String> {
        let mut left = self.product()?;
        while let Some(operator) = self.takes_one(&[("+", Operator::Add), ("-", Operator::Subtract)]) {
            left = binary(operator, left, self.product()?);
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Expr, String> {
        let mut left = self.signed()?;
        while let Some(operator) = self.takes_one(&[("*", Operator::Multiply), ("/", Operator::Divide)]) {
            left = binary(operator, left, self.signed()?);
        }
        Ok(left)
    }

    fn signed(&mut self) -> Result<Expr, String> {
        if self.takes("-") {
            return Ok(Expr::Negative(Box::new(self.power()?)));
        }
        self.power()
    }

    fn power(&mut self) -> Result<Expr, String> {
        let base = self.atom()?;
        match self.takes("^") {
            true => Ok(binary(Operator::Power, base, self.atom()?)),
            false => Ok(base),
        }
    }

    fn atom(&mut self) -> Result<Expr, String> {
        if self.takes("(") {
            let inner = self.conjunction()?;
            self.wants(")")?;
            return Ok(inner);
        }
        self.rest = self.rest.trim_start();
        if self.rest.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return self.number();
        }
        let end = self
            .rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
            .unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        if name.is_empty() {
            return Err(format!("`{}` in `{}`; expected a number, a name or `(`", self.rest, self.whole));
        }
        self.rest = rest;
        if self.takes("(") {
            return self.call(name);
        }
        let name = Expr::Name(name.to_owned());
        if self.takes("[") {
            let digit = self.rest.trim_start().chars().next().and_then(|c| c.to_digit(10));
            let digit =
                digit.ok_or_else(|| format!("`{}` in `{}`; expected a digit", self.rest, self.whole))?;
            self.rest = &self.rest.trim_start()[1..];
            self.wants("]")?;
            return Ok(Expr::Component(Box::new(name), digit as usize));
        }
        Ok(name)
    }

    fn number(&mut self) -> Result<Expr, String> {
        let mut before = ' ';
        let end = self.rest.find(|c: char| {
            let inside = c.is_ascii_digit() || c == '.' || c == 'e' || ("+-".contains(c) && before == 'e');
            before = c;
            !inside
        });
        let (digits, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        let value =
            digits.parse().map_err(|_| format!("`{digits}` in `{}`; expected a number", self.whole))?;
        self.rest = rest;
        Ok(Expr::Number(value))
    }

    fn call(&mut self, name: &str) -> Result<Expr, String> {
        let (function, count) = Function::named(name)
            .ok_or_else(|| format!("`{name}` in `{}`; expected a known function", self.whole))?;
        let mut arguments = vec![self.conjunction()?];
        while self.takes(",") {
            arguments.push(self.conjunction()?);
        }
        self.wants(")")?;
        match arguments.len() == count {
            true => Ok(Expr::Call(function, arguments)),
            false => Err(format!(
                "`{name}` has {} arguments in `{}`; expected {count}",
                arguments.len(),
                self.whole
            )),
        }
    }
}

fn binary(operator: Operator, a: Expr, b: Expr) -> Expr {
    Expr::Binary(operator, Box::new(a), Box::new(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precedence_is_the_usual_one() {
        assert_eq!(parse("a + b * c").unwrap(), parse("a + (b * c)").unwrap());
        assert_eq!(parse("a / b * c").unwrap(), parse("(a / b) * c").unwrap());
        assert_eq!(parse("-a * b").unwrap(), parse("(-a) * b").unwrap());
        assert_eq!(parse("a == 1 and b < 2").unwrap(), parse("(a == 1) and (b < 2)").unwrap());
        assert_eq!(
            parse("1e-10 * x").unwrap(),
            binary(Operator::Multiply, Expr::Number(1e-10), parse("x").unwrap())
        );
    }

    #[test]
    fn what_is_no_expression_says_why() {
        let deep = "(".repeat(1000);
        for (text, reason) in [
            ("1 +", "expected a number"),
            ("a b", "left over"),
            ("foo(1)", "known function"),
            ("dot(a)", "expected 2"),
            ("(a", "expected `)`"),
            ("a[x]", "expected a digit"),
            ("1e", "expected a number"),
            (deep.as_str(), "nested too deeply"),
        ] {
            let problem = parse(text).unwrap_err();
            assert!(problem.contains(reason), "{text}: {problem}");
        }
    }
}
