//! Evaluating expressions: every value carries the error that the rounding of its inputs can have caused.
//!
//! Not here: reading expressions.

use crate::numbers::is_unprintable;
use crate::trace::schema::expression::{Expr, Function, Operator};

/// Numbers with a bound on the error of each: one number, or the components of a vector.
#[derive(Debug, Clone, PartialEq)]
pub struct BoundedValue {
    /// The numbers.
    pub numbers: Vec<f64>,
    /// How far rounding can have moved each.
    pub errors: Vec<f64>,
}

impl BoundedValue {
    /// Numbers that were rounded to a precision of `relative`: that of a scalar of itself, that of a vector of its length,
    /// because a component can be a small difference of large numbers.
    pub fn rounded(numbers: &[f64], relative: f64) -> Self {
        // Scaled by the largest, so that no square overflows; what is not finite says nothing about the others.
        let finite = || numbers.iter().map(|x| x.abs()).filter(|x| x.is_finite());
        let largest = finite().fold(0.0, f64::max);
        let length = match largest == 0.0 {
            true => 0.0,
            false => finite().map(|x| (x / largest).powi(2)).sum::<f64>().sqrt() * largest,
        };
        Self { numbers: numbers.to_vec(), errors: vec![length * relative; numbers.len()] }
    }

    /// A number without an error.
    pub fn exact(number: f64) -> Self {
        Self { numbers: vec![number], errors: vec![0.0] }
    }

    fn scalar(number: f64, error: f64) -> Self {
        Self { numbers: vec![number], errors: vec![error] }
    }
}

/// Where names get their values from.
pub trait Names {
    /// The value of a key; `None` if there is none here.
    fn value(&self, name: &str) -> Option<BoundedValue>;
    /// All values of a field of record lines.
    fn all(&self, name: &str) -> Vec<f64>;
}

/// No names but those that every law knows.
pub struct Nothing;

impl Names for Nothing {
    fn value(&self, _: &str) -> Option<BoundedValue> {
        None
    }

    fn all(&self, _: &str) -> Vec<f64> {
        Vec::new()
    }
}

/// Why there is no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// This name has no value.
    Unknown(String),
    /// This name has stars instead of a number.
    Unprintable(String),
    /// Shapes that do not fit together.
    Shape(String),
}

/// The value of an expression.
///
/// # Errors
/// A name without a value, or shapes that do not fit.
pub fn evaluate(expr: &Expr, names: &dyn Names) -> Result<BoundedValue, Why> {
    match expr {
        Expr::Number(x) => Ok(BoundedValue::exact(*x)),
        Expr::Name(name) => {
            let known = || (name == "pi").then(|| BoundedValue::exact(std::f64::consts::PI));
            let value = names.value(name).or_else(known).ok_or_else(|| Why::Unknown(name.clone()))?;
            printable(name, &value.numbers)?;
            Ok(value)
        }
        Expr::Component(inner, n) => {
            let value = evaluate(inner, names)?;
            match value.numbers.get(*n) {
                Some(x) => Ok(BoundedValue::scalar(*x, value.errors[*n])),
                None => Err(Why::Shape(format!("there is no component {n}"))),
            }
        }
        Expr::Negative(inner) => {
            let value = evaluate(inner, names)?;
            Ok(BoundedValue { numbers: value.numbers.iter().map(|x| -x).collect(), errors: value.errors })
        }
        Expr::Binary(operator, a, b) => between(*operator, &evaluate(a, names)?, &evaluate(b, names)?),
        Expr::Call(Function::If, arguments) => {
            let chosen = if truth(&arguments[0], names)? { &arguments[1] } else { &arguments[2] };
            evaluate(chosen, names)
        }
        Expr::Call(function @ (Function::Sum | Function::Count | Function::Spread), arguments) => {
            over_all(*function, &arguments[0], names)
        }
        Expr::Call(function, arguments) => {
            let arguments: Result<Vec<BoundedValue>, Why> =
                arguments.iter().map(|a| evaluate(a, names)).collect();
            call(*function, &arguments?)
        }
    }
}

/// Whether an expression has a value other than zero.
///
/// # Errors
/// As [`evaluate`].
pub fn truth(expr: &Expr, names: &dyn Names) -> Result<bool, Why> {
    Ok(evaluate(expr, names)?.numbers.iter().any(|x| *x != 0.0))
}

/// What stars stand for is not known, and nothing that is made of it.
fn printable(name: &str, numbers: &[f64]) -> Result<(), Why> {
    match numbers.iter().any(|x| is_unprintable(*x)) {
        true => Err(Why::Unprintable(name.to_owned())),
        false => Ok(()),
    }
}

fn over_all(function: Function, field: &Expr, names: &dyn Names) -> Result<BoundedValue, Why> {
    let Expr::Name(name) = field else {
        return Err(Why::Shape("expected a field of record lines".to_owned()));
    };
    let numbers = names.all(name);
    printable(name, &numbers)?;
    if function == Function::Count {
        return Ok(BoundedValue::exact(numbers.len() as f64));
    }
    if function == Function::Spread {
        let ends = numbers.iter().fold((f64::MAX, f64::MIN), |(low, high), x| (low.min(*x), high.max(*x)));
        return match numbers.is_empty() {
            true => Err(Why::Unknown(name.clone())),
            false => Ok(BoundedValue::exact(ends.1 - ends.0)),
        };
    }
    let sum: f64 = numbers.iter().sum();
    let size: f64 = numbers.iter().map(|x| x.abs()).sum();
    Ok(BoundedValue::scalar(sum, size * 1e-14))
}

fn between(operator: Operator, a: &BoundedValue, b: &BoundedValue) -> Result<BoundedValue, Why> {
    let (n, m) = (a.numbers.len(), b.numbers.len());
    if n != m && n != 1 && m != 1 {
        return Err(Why::Shape(format!("{n} and {m} components do not go together")));
    }
    let at = |v: &BoundedValue, i: usize| {
        let i = if v.numbers.len() == 1 { 0 } else { i };
        (v.numbers[i], v.errors[i])
    };
    let (numbers, errors) = (0..n.max(m)).map(|i| one(operator, at(a, i), at(b, i))).unzip();
    Ok(BoundedValue { numbers, errors })
}

/// One number of the result with its error.
fn one(operator: Operator, (a, ea): (f64, f64), (b, eb): (f64, f64)) -> (f64, f64) {
    let is = |condition: bool| (f64::from(u8::from(condition)), 0.0);
    match operator {
        Operator::Add => (a + b, ea + eb),
        Operator::Subtract => (a - b, ea + eb),
        Operator::Multiply => (a * b, ea * b.abs() + a.abs() * eb),
        Operator::Divide => (a / b, ea / b.abs() + a.abs() * eb / (b * b)),
        Operator::Power => (a.powf(b), (b * a.powf(b - 1.0)).abs() * ea),
        Operator::Compare(relation) => is(relation.holds(a, b)),
        Operator::And => is(a != 0.0 && b != 0.0),
    }
}

fn call(function: Function, arguments: &[BoundedValue]) -> Result<BoundedValue, Why> {
    let first = &arguments[0];
    let each = |f: &dyn Fn(f64, f64) -> (f64, f64)| {
        let (numbers, errors) = first.numbers.iter().zip(&first.errors).map(|(x, e)| f(*x, *e)).unzip();
        Ok(BoundedValue { numbers, errors })
    };
    match function {
        Function::Norm => Ok(norm(first)),
        Function::Unit => between(Operator::Divide, first, &norm(first)),
        Function::Dot => Ok(total(&between(Operator::Multiply, first, &arguments[1])?)),
        Function::Cross => cross(first, &arguments[1]),
        Function::Vec => {
            let parts = arguments.iter().map(|a| (a.numbers[0], a.errors[0]));
            let (numbers, errors) = parts.unzip();
            Ok(BoundedValue { numbers, errors })
        }
        Function::Sqrt => each(&|x, e| (x.sqrt(), 0.5 * e / x.sqrt())),
        Function::Abs => each(&|x, e| (x.abs(), e)),
        Function::Sin => each(&|x, e| (x.sin(), e)),
        Function::Cos => each(&|x, e| (x.cos(), e)),
        Function::Exp => each(&|x, e| (x.exp(), e * x.exp())),
        // Close to a jump either neighbour is right.
        Function::Ceil => each(&|x, e| (x.ceil(), f64::from(u8::from((x - e).ceil() != (x + e).ceil())))),
        Function::Single => each(&|x, e| (f64::from(x as f32), e + x.abs() * f64::from(f32::EPSILON))),
        Function::Interference => Ok(interference(first, &arguments[1])),
        Function::If | Function::Sum | Function::Count | Function::Spread => {
            Err(Why::Shape("not a function of values".to_owned()))
        }
    }
}

fn total(value: &BoundedValue) -> BoundedValue {
    BoundedValue::scalar(value.numbers.iter().sum(), value.errors.iter().sum())
}

fn norm(value: &BoundedValue) -> BoundedValue {
    let length = value.numbers.iter().map(|x| x * x).sum::<f64>().sqrt();
    BoundedValue::scalar(length, value.errors.iter().map(|e| e * e).sum::<f64>().sqrt())
}

fn cross(a: &BoundedValue, b: &BoundedValue) -> Result<BoundedValue, Why> {
    if a.numbers.len() != 3 || b.numbers.len() != 3 {
        return Err(Why::Shape("a cross product needs three components on both sides".to_owned()));
    }
    let part = |i: usize, j: usize| {
        let product = |x: usize, y: usize| {
            one(Operator::Multiply, (a.numbers[x], a.errors[x]), (b.numbers[y], b.errors[y]))
        };
        one(Operator::Subtract, product(i, j), product(j, i))
    };
    let (numbers, errors) = [part(1, 2), part(2, 0), part(0, 1)].into_iter().unzip();
    Ok(BoundedValue { numbers, errors })
}

/// sin(pi N h) / sin(pi h), and N at whole numbers; 1 for a single cell.
fn interference(index: &BoundedValue, cells: &BoundedValue) -> BoundedValue {
    let (h, error, n) = (index.numbers[0], index.errors[0], cells.numbers[0]);
    // The same for h and its distance from a whole number but for the sign, which an even N changes with every odd number.
    let x = std::f64::consts::PI * h;
    let value = if n <= 1.0 {
        1.0
    } else if x.sin() == 0.0 {
        n
    } else {
        (x * n).sin() / x.sin()
    };
    BoundedValue::scalar(value, std::f64::consts::PI * n * n * error + n * 1e-13)
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    struct Table;

    impl Names for Table {
        fn value(&self, name: &str) -> Option<BoundedValue> {
            let numbers: &[f64] = match name {
                "a" => &[3.0, 0.0, 4.0],
                "b" => &[0.0, 2.0, 0.0],
                "x" => &[2.0],
                _ => return None,
            };
            Some(BoundedValue::rounded(numbers, 1e-15))
        }
        fn all(&self, _: &str) -> Vec<f64> {
            vec![1.0, 2.0, 3.5]
        }
    }

    fn of(text: &str) -> Vec<f64> {
        evaluate(&parse(text).unwrap(), &Table).unwrap().numbers
    }

    #[test]
    fn arithmetic_of_numbers_and_vectors() {
        assert_eq!(of("norm(a)"), [5.0]);
        assert_eq!(of("unit(a) * 10"), [6.0, 0.0, 8.0]);
        assert_eq!(of("dot(a, b) + x^3 - 1"), [7.0]);
        assert_eq!(of("cross(a, b)"), [-8.0, 0.0, 6.0]);
        assert_eq!(of("vec(x, a[2], -x)"), [2.0, 4.0, -2.0]);
        assert_eq!(of("if(x == 2 and 1 < x, 5, 6)"), [5.0]);
        assert_eq!(of("if(x != 3 and x > 1 and x >= 2, 5, 6)"), [5.0]);
        assert_eq!(of("if(x > 2, 5, 6)"), [6.0]);
        assert_eq!(of("sum(step.term) / count(step.term)"), [6.5 / 3.0]);
        assert_eq!(of("ceil(a - 0.5)"), [3.0, 0.0, 4.0]);
        assert!((of("interference(0.25, 2)")[0] - 2.0_f64.sqrt()).abs() < 1e-15);
    }

    #[test]
    fn a_name_without_a_value_is_named() {
        let missing = evaluate(&parse("x + nowhere").unwrap(), &Table);
        assert_eq!(missing, Err(Why::Unknown("nowhere".to_owned())));
        assert!(matches!(evaluate(&parse("cross(a, x)").unwrap(), &Table), Err(Why::Shape(_))));
    }

    #[test]
    fn the_error_covers_what_rounding_does() {
        // A small difference of large numbers: the error stays that of the large ones.
        let difference = evaluate(&parse("a - a").unwrap(), &Table).unwrap();
        assert_eq!(difference.numbers, [0.0, 0.0, 0.0]);
        assert!(difference.errors.iter().all(|e| (*e - 1e-14).abs() < 1e-20), "{difference:?}");
    }
}
