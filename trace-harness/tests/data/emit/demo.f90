! As demo.c.
program demo
    use nbtrace
    use, intrinsic :: iso_fortran_env, only: int64, real64
    implicit none
    real(real64) :: v(3) = [1d0, -2.5d0, 1d300], a(6) = [1d0, 2d0, 3d0, 4d0, 5d0, 6.5d0], f, x
    integer(int64) :: bits
    integer :: n, unit, status
    open (newunit=unit, file='bits.txt', status='old', action='read')
    do
        read (unit, *, iostat=status) bits
        if (status /= 0) exit
        x = nbtrace_scalar('x', transfer(bits, x))
    end do
    do n = 0, 1
        call nbtrace_begin('step', n)
        f = nbtrace_scalar('f', n * 0.7d0)
        call nbtrace_vector('v', v)
        call nbtrace_begin('inner cell', -3)
        x = nbtrace_scalar('g', f + v(1))
        call nbtrace_end()
        call nbtrace_array('a/b', a, [2, 3])
        call nbtrace_array('line', a, [6])
        call nbtrace_end()
    end do
end program
