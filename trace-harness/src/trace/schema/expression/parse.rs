//! Reading expressions.
//!
//! Not here: evaluating them.

use crate::trace::schema::expression::{Expr, ExpressionError, Function, Operator, Relation};

/// Deepest nesting; laws are short, and the reader calls itself.
const DEEPEST: usize = 64;

/// Reads an expression.
///
/// # Errors
/// The text breaks the grammar, names an unknown function, or nests deeper than 64 levels.
pub fn parse(text: &str) -> Result<Expr, ExpressionError> {
    let mut reader = ExpressionReader { rest: text, whole: text, depth: 0 };
    let expr = reader.conjunction()?;
    match reader.rest.trim_start() {
        "" => Ok(expr),
        rest => Err(ExpressionError::LeftOver { rest: rest.to_owned(), whole: text.to_owned() }),
    }
}

struct ExpressionReader<'a> {
    rest: &'a str,
    whole: &'a str,
    depth: usize,
}

impl ExpressionReader<'_> {
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

    fn closes(&mut self, token: &str, expected: &'static str) -> Result<(), ExpressionError> {
        match self.takes(token) {
            true => Ok(()),
            false => Err(self.unexpected(self.rest.trim_start(), expected)),
        }
    }

    fn unexpected(&self, found: &str, expected: &'static str) -> ExpressionError {
        ExpressionError::Unexpected { found: found.to_owned(), whole: self.whole.to_owned(), expected }
    }

    fn conjunction(&mut self) -> Result<Expr, ExpressionError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(ExpressionError::TooDeep { whole: self.whole.to_owned(), deepest: DEEPEST });
        }
        let mut left = self.comparison()?;
        while self.takes("and ") {
            left = binary(Operator::And, left, self.comparison()?);
        }
        self.depth -= 1;
        Ok(left)
    }

    fn comparison(&mut self) -> Result<Expr, ExpressionError> {
        let left = self.sum()?;
        match self.takes_one(&Relation::ALL) {
            Some(relation) => Ok(binary(Operator::Compare(relation), left, self.sum()?)),
            None => Ok(left),
        }
    }

    fn sum(&mut self) -> Result<Expr, ExpressionError> {
        let mut left = self.product()?;
        while let Some(operator) = self.takes_one(&[("+", Operator::Add), ("-", Operator::Subtract)]) {
            left = binary(operator, left, self.product()?);
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Expr, ExpressionError> {
        let mut left = self.signed()?;
        while let Some(operator) = self.takes_one(&[("*", Operator::Multiply), ("/", Operator::Divide)]) {
            left = binary(operator, left, self.signed()?);
        }
        Ok(left)
    }

    fn signed(&mut self) -> Result<Expr, ExpressionError> {
        if self.takes("-") {
            return Ok(Expr::Negative(Box::new(self.power()?)));
        }
        self.power()
    }

    fn power(&mut self) -> Result<Expr, ExpressionError> {
        let base = self.atom()?;
        match self.takes("^") {
            true => Ok(binary(Operator::Power, base, self.atom()?)),
            false => Ok(base),
        }
    }

    fn atom(&mut self) -> Result<Expr, ExpressionError> {
        if self.takes("(") {
            let inner = self.conjunction()?;
            self.closes(")", "`)`")?;
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
            return Err(self.unexpected(self.rest, "a number, a name or `(`"));
        }
        self.rest = rest;
        if self.takes("(") {
            return self.call(name);
        }
        let name = Expr::Name(name.to_owned());
        if self.takes("[") {
            let digit = self.rest.trim_start().chars().next().and_then(|c| c.to_digit(10));
            let digit = digit.ok_or_else(|| self.unexpected(self.rest, "a digit"))?;
            self.rest = &self.rest.trim_start()[1..];
            self.closes("]", "`]`")?;
            return Ok(Expr::Component(Box::new(name), digit as usize));
        }
        Ok(name)
    }

    fn number(&mut self) -> Result<Expr, ExpressionError> {
        let mut before = ' ';
        let end = self.rest.find(|c: char| {
            let inside = c.is_ascii_digit() || c == '.' || c == 'e' || ("+-".contains(c) && before == 'e');
            before = c;
            !inside
        });
        let (digits, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        let value = digits.parse().map_err(|_| self.unexpected(digits, "a number"))?;
        self.rest = rest;
        Ok(Expr::Number(value))
    }

    fn call(&mut self, name: &str) -> Result<Expr, ExpressionError> {
        let (function, count) =
            Function::named(name).ok_or_else(|| self.unexpected(name, "a known function"))?;
        let mut arguments = vec![self.conjunction()?];
        while self.takes(",") {
            arguments.push(self.conjunction()?);
        }
        self.closes(")", "`)`")?;
        match arguments.len() == count {
            true => Ok(Expr::Call(function, arguments)),
            false => Err(ExpressionError::Arguments {
                function: name.to_owned(),
                found: arguments.len(),
                expected: count,
                whole: self.whole.to_owned(),
            }),
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
        for (sign, relation) in Relation::ALL {
            let compared = binary(Operator::Compare(relation), parse("a + 1").unwrap(), parse("b").unwrap());
            assert_eq!(parse(&format!("a + 1 {sign} b")).unwrap(), compared);
        }
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
            ("a = b", "expected one of `+ - * / ^`, `==`, `!=`, `<=`, `>=`, `<`, `>`, `and`, or the end"),
            ("a ~ b", "expected one of"),
            ("foo(1)", "known function"),
            ("dot(a)", "expected 2"),
            ("(a", "expected `)`"),
            ("a[x]", "expected a digit"),
            ("1e", "expected a number"),
            (deep.as_str(), "nested too deeply"),
        ] {
            let problem = parse(text).unwrap_err().to_string();
            assert!(problem.contains(reason), "{text}: {problem}");
        }
    }
}
