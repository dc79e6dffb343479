! nbtrace.f90: lets a Fortran program say which values it computes, and take those of another program instead.
!
! Written by `trace-harness emit fortran`; depends on nothing but Fortran 2008. SPDX-License-Identifier: MIT OR Apache-2.0
!
!     use nbtrace
!     x = nbtrace_scalar('flux', x)               one number; returns it, or the reference's in a replay
!     call nbtrace_vector('velocity', v)          some numbers, in a line
!     call nbtrace_array('field', a, shape(a))    many, in a .npy file beside the trace (column-major, and said so in it)
!     call nbtrace_begin('step', n) ... call nbtrace_end()    a record, which may stand within another
!     call nbtrace_flush()                        before an end that runs no exit handlers
!
! NBTRACE=FILE          where the trace goes; off where it is unset: one branch, nothing allocated, nothing printed
!                       %p process id, %r MPI rank, %t number of the thread: files of their own
! NBTRACE_LABEL=F       what the program calls itself in the trace: capital letters and digits
! NBTRACE_REPLAY=FILE   a trace whose values the calls return
! NBTRACE_KEYS=a,b      for these keys only
module nbtrace
    use, intrinsic :: iso_fortran_env, only: real32, real64, int64, error_unit
    use, intrinsic :: iso_c_binding, only: c_int, c_size_t, c_char, c_null_char, c_funptr, c_funloc, c_ptr, c_null_ptr, &
        c_associated
    implicit none
    private
    public :: nbtrace_scalar, nbtrace_vector, nbtrace_array, nbtrace_begin, nbtrace_end, nbtrace_flush

    interface nbtrace_scalar
        module procedure scalar_64, scalar_32
    end interface
    interface nbtrace_begin
        module procedure begin_default, begin_64
    end interface
    interface
        function c_getpid() bind(c, name='getpid')
            import :: c_int
            integer(c_int) :: c_getpid
        end function
        ! Written by way of C: not every Fortran library says that what it had in its buffer did not go to the disk.
        function c_fopen(name, mode) bind(c, name='fopen')
            import :: c_char, c_ptr
            character(kind=c_char), intent(in) :: name(*), mode(*)
            type(c_ptr) :: c_fopen
        end function
        function c_fwrite(text, size, many, file) bind(c, name='fwrite')
            import :: c_char, c_ptr, c_size_t
            character(kind=c_char), intent(in) :: text(*)
            integer(c_size_t), value :: size, many
            type(c_ptr), value :: file
            integer(c_size_t) :: c_fwrite
        end function
        function c_fflush(file) bind(c, name='fflush')
            import :: c_int, c_ptr
            type(c_ptr), value :: file
            integer(c_int) :: c_fflush
        end function
        function c_atexit(handler) bind(c, name='atexit')
            import :: c_int, c_funptr
            type(c_funptr), value :: handler
            integer(c_int) :: c_atexit
        end function
    end interface

    integer, parameter :: full = 65536, most = 16777216, deep = 32
    character(*), parameter :: forbidden = '/\:'

    type :: thread
        character(len=:), allocatable :: text, path, name
        integer :: length = 0, ends(deep) = 0, depth = 0
        type(c_ptr) :: file = c_null_ptr
        type(thread), pointer :: next => null()
    end type
    type :: reference_value
        integer :: start = 0, count = 0, next = 0
        character(len=:), allocatable :: file
    end type
    type :: entry_of
        character(len=:), allocatable :: name
        integer :: now = 0, last = 0
    end type

    ! -1 not asked yet, 0 off, 1 on.
    integer, save :: mode = -1
    type(thread), pointer, save :: me => null()
    !$omp threadprivate(me)
    type(thread), pointer, save :: threads => null()
    integer, save :: count = 0, arrays = 0
    type(c_ptr), save :: shared = c_null_ptr
    logical, save :: own_files = .false., all_keys = .true., refused = .false.
    character(len=:), allocatable, save :: pattern, head, reference, keys, shared_name
    real(real64), allocatable, save :: numbers(:)
    type(reference_value), allocatable, save :: values(:)
    type(entry_of), allocatable, save :: entries(:)
    integer, save :: number_count = 0, value_count = 0, entry_count = 0

contains

    function scalar_64(key, x) result(taken)
        character(*), intent(in) :: key
        real(real64), intent(in) :: x
        real(real64) :: taken, one(1)
        taken = x
        if (mode == 0) return
        one(1) = x
        call numbers_on(key, one, 1)
        taken = one(1)
    end function

    function scalar_32(key, x) result(taken)
        character(*), intent(in) :: key
        real(real32), intent(in) :: x
        real(real32) :: taken
        taken = x
        if (mode == 0) return
        taken = real(scalar_64(key, real(x, real64)), real32)
    end function

    subroutine nbtrace_vector(key, x)
        character(*), intent(in) :: key
        real(real64), intent(inout) :: x(:)
        if (mode == 0) return
        call numbers_on(key, x, size(x))
    end subroutine

    subroutine nbtrace_array(key, x, extent)
        character(*), intent(in) :: key
        real(real64), intent(inout) :: x(*)
        integer, intent(in) :: extent(:)
        if (mode == 0) return
        call array_on(key, x, extent)
    end subroutine

    subroutine begin_default(name, number)
        character(*), intent(in) :: name
        integer, intent(in) :: number
        if (mode == 0) return
        call begin_on(name, int(number, int64))
    end subroutine

    subroutine begin_64(name, number)
        character(*), intent(in) :: name
        integer(int64), intent(in) :: number
        if (mode == 0) return
        call begin_on(name, number)
    end subroutine

    subroutine nbtrace_end()
        if (mode == 0) return
        call get_me()
        if (mode == 0) return
        call put('# end' // new_line('a'))
        if (me%depth > 0) then
            me%path = me%path(:me%ends(me%depth))
            me%depth = me%depth - 1
        end if
        call done()
    end subroutine

    subroutine nbtrace_flush()
        if (mode <= 0) return
        call flush_all()
    end subroutine

    subroutine flush_all() bind(c)
        type(thread), pointer :: at
        !$omp critical (nbtrace_lock)
        at => threads
        do while (associated(at))
            call write_out(at, .true.)
            at => at%next
        end do
        !$omp end critical (nbtrace_lock)
    end subroutine

    function variable(name) result(text)
        character(*), intent(in) :: name
        character(len=:), allocatable :: text
        integer :: length, status
        call get_environment_variable(name, length=length, status=status)
        if (status == 1) length = 0
        allocate (character(length) :: text)
        if (length > 0) call get_environment_variable(name, text)
    end function

    subroutine start()
        character(len=:), allocatable :: label
        integer :: ignored, status
        !$omp critical (nbtrace_lock)
        if (mode < 0) then
            pattern = variable('NBTRACE')
            reference = variable('NBTRACE_REPLAY')
            keys = ',' // variable('NBTRACE_KEYS') // ','
            call get_environment_variable('NBTRACE_KEYS', status=status)
            all_keys = status == 1
            label = variable('NBTRACE_LABEL')
            if (len(label) == 0) label = 'NB'
            head = 'TRACE_' // label // ': '
            shared_name = ''
            own_files = index(pattern, '%t') > 0
            if (len(reference) > 0) call load()
            if (len(pattern) > 0 .and. .not. own_files) call open_file(0, shared_name, shared)
            if (len(pattern) + len(reference) > 0) then
                ignored = c_atexit(c_funloc(flush_all))
                mode = 1
            else
                mode = 0
            end if
        end if
        !$omp end critical (nbtrace_lock)
        if (refused) stop 2
    end subroutine

    ! The calling thread; mode is 0 afterwards where tracing is off.
    subroutine get_me()
        if (mode < 0) call start()
        if (mode == 0 .or. associated(me)) return
        allocate (me)
        allocate (character(full + 4096) :: me%text)
        me%path = ''
        !$omp critical (nbtrace_lock)
        me%name = shared_name
        if (own_files) call open_file(count, me%name, me%file)
        count = count + 1
        me%next => threads
        threads => me
        !$omp end critical (nbtrace_lock)
        if (refused) stop 2
    end subroutine

    function rank_of_process() result(rank)
        character(len=:), allocatable :: rank
        rank = variable('OMPI_COMM_WORLD_RANK')
        if (len(rank) == 0) rank = variable('PMIX_RANK')
        if (len(rank) == 0) rank = variable('PMI_RANK')
        if (len(rank) == 0) rank = variable('SLURM_PROCID')
        if (len(rank) == 0) rank = '0'
    end function

    subroutine open_file(thread_number, name, file)
        integer, intent(in) :: thread_number
        character(len=:), allocatable, intent(out) :: name
        type(c_ptr), intent(out) :: file
        integer :: at
        name = ''
        at = 1
        do while (at <= len(pattern))
            select case (pattern(at:min(at + 1, len(pattern))))
            case ('%p')
                name = name // whole(int(c_getpid(), int64))
                at = at + 2
            case ('%t')
                name = name // whole(int(thread_number, int64))
                at = at + 2
            case ('%r')
                name = name // rank_of_process()
                at = at + 2
            case default
                name = name // pattern(at:at)
                at = at + 1
            end select
        end do
        file = c_null_ptr
        if (len(reference) > 0) then
            if (is_reference(name)) then
                write (error_unit, '(3a)') 'nbtrace: `', name, &
                    '`: is the trace that NBTRACE_REPLAY names; expected another file'
                ! The caller has the lock, which what runs at the end takes.
                refused = .true.
                return
            end if
        end if
        file = c_fopen(name // c_null_char, 'wb' // c_null_char)
        if (.not. c_associated(file)) then
            call fail(name)
        else
            call send('# nbtrace 1' // new_line('a'), name, file, .false.)
        end if
    end subroutine

    ! Whether a name leads to the file of the reference, which the compiler's library knows of a file that is open.
    logical function is_reference(name)
        character(*), intent(in) :: name
        integer :: unit, other, status
        is_reference = name == reference
        if (is_reference) return
        open (newunit=unit, file=reference, status='old', action='read', iostat=status)
        if (status /= 0) return
        inquire (file=name, number=other, iostat=status)
        is_reference = status == 0 .and. other == unit
        close (unit)
    end function

    subroutine fail(name)
        character(*), intent(in) :: name
        write (error_unit, '(3a)') 'nbtrace: `', name, '`: cannot be written'
    end subroutine

    ! What cannot be written is said once; the program goes on.
    subroutine send(text, name, file, all)
        character(*), intent(in) :: text, name
        type(c_ptr), intent(inout) :: file
        logical, intent(in) :: all
        logical :: failed
        if (.not. c_associated(file)) return
        failed = c_fwrite(text, 1_c_size_t, len(text, c_size_t), file) /= len(text, c_size_t)
        if (all .and. .not. failed) failed = c_fflush(file) /= 0
        if (.not. failed) return
        call fail(name)
        file = c_null_ptr
    end subroutine

    subroutine write_out(at, all)
        type(thread), intent(inout) :: at
        logical, intent(in) :: all
        if (own_files) then
            call send(at%text(:at%length), at%name, at%file, all)
        else
            call send(at%text(:at%length), shared_name, shared, all)
        end if
        at%length = 0
    end subroutine

    ! Whole records go to a file that threads share, so that none stands within another; those above 16 MiB come in pieces.
    subroutine done()
        if (me%length < merge(most, full, me%depth > 0 .and. .not. own_files)) return
        !$omp critical (nbtrace_lock)
        call write_out(me, .false.)
        !$omp end critical (nbtrace_lock)
    end subroutine

    subroutine put(text)
        character(*), intent(in) :: text
        character(len=:), allocatable :: larger
        if (me%length + len(text) > len(me%text)) then
            allocate (character(2 * (me%length + len(text))) :: larger)
            larger(:me%length) = me%text(:me%length)
            call move_alloc(larger, me%text)
        end if
        me%text(me%length + 1:me%length + len(text)) = text
        me%length = me%length + len(text)
    end subroutine

    ! A name is one word, whatever it is.
    pure function word(name)
        character(*), intent(in) :: name
        character(max(1, len_trim(name))) :: word
        integer :: n
        word = name
        do n = 1, len(word)
            if (iachar(word(n:n)) <= 32 .or. iachar(word(n:n)) == 127) word(n:n) = '_'
        end do
    end function

    ! Of fixed length, because the length of a function's allocatable text is not each thread's own with every compiler.
    subroutine to_digits(number, digits, length)
        integer(int64), intent(in) :: number
        character(24), intent(out) :: digits
        integer, intent(out) :: length
        write (digits, '(i0)') number
        length = len_trim(digits)
    end subroutine

    function whole(number)
        integer(int64), intent(in) :: number
        character(len=:), allocatable :: whole
        character(24) :: digits
        integer :: length
        call to_digits(number, digits, length)
        whole = digits(:length)
    end function

    ! A number as C's %.17g writes it, with a blank before it.
    subroutine put_number(x)
        real(real64), intent(in) :: x
        character(24) :: es
        character(17) :: digits
        character(32) :: out
        integer :: exponent, used, length
        integer(int64) :: rest
        if (x /= x) then
            call put(' nan')
            return
        else if (abs(x) > huge(x)) then
            call put(trim(merge(' -inf', ' inf ', x < 0)))
            return
        else if (abs(x) < 1d15) then
            if (x == aint(x)) then
                rest = int(abs(x), int64)
                length = len(out)
                do
                    out(length:length) = achar(48 + int(mod(rest, 10_int64)))
                    rest = rest / 10
                    length = length - 1
                    if (rest == 0) exit
                end do
                if (sign(1d0, x) < 0) then
                    out(length:length) = '-'
                    length = length - 1
                end if
                out(length:length) = ' '
                call put(out(length:))
                return
            end if
        end if
        write (es, '(es24.16e3)') x
        digits = es(2:2) // es(4:19)
        exponent = 100 * (iachar(es(22:22)) - 48) + 10 * (iachar(es(23:23)) - 48) + iachar(es(24:24)) - 48
        if (es(21:21) == '-') exponent = -exponent
        used = max(1, verify(digits, '0', back=.true.))
        length = 1
        out(1:1) = ' '
        if (x < 0) call add('-')
        if (exponent < -4 .or. exponent > 16) then
            call add(digits(1:1))
            if (used > 1) call add('.' // digits(2:used))
            call add('e' // es(21:21))
            call add(es(merge(23, 22, es(22:22) == '0'):24))
        else if (exponent < 0) then
            call add('0.' // repeat('0', -1 - exponent) // digits(:used))
        else
            call add(digits(:exponent + 1))
            if (used > exponent + 1) call add('.' // digits(exponent + 2:used))
        end if
        call put(out(:length))
    contains
        subroutine add(text)
            character(*), intent(in) :: text
            out(length + 1:length + len(text)) = text
            length = length + len(text)
        end subroutine
    end subroutine

    subroutine numbers_on(key, x, many)
        character(*), intent(in) :: key
        integer, intent(in) :: many
        real(real64), intent(inout) :: x(many)
        type(reference_value) :: value
        logical :: found
        integer :: n
        call get_me()
        if (mode == 0) return
        call put(head)
        call put(word(key))
        do n = 1, many
            call put_number(x(n))
        end do
        call put(new_line('a'))
        if (len(reference) > 0) then
            if (wanted(word(key))) then
                call take(word(key), value, found)
                if (found) found = value%count == many .and. .not. allocated(value%file)
                if (found) x = numbers(value%start:value%start + many - 1)
                call tell(word(key), found)
            end if
        end if
        call done()
    end subroutine

    subroutine tell(key, found)
        character(*), intent(in) :: key
        logical, intent(in) :: found
        if (found) then
            call put('# replayed ' // key // new_line('a'))
        else
            call put('# not replayed ' // key // new_line('a'))
        end if
    end subroutine

    subroutine array_on(key, x, extent)
        character(*), intent(in) :: key
        real(real64), intent(inout) :: x(*)
        integer, intent(in) :: extent(:)
        character(len=:), allocatable :: name, words, safe
        type(reference_value) :: value
        integer :: n, many, unit, status, closed, number
        logical :: found
        call get_me()
        if (mode == 0) return
        many = product(extent)
        if (len(me%name) > 0) then
            !$omp critical (nbtrace_lock)
            number = arrays
            arrays = arrays + 1
            !$omp end critical (nbtrace_lock)
            safe = word(key)
            do n = 1, len(safe)
                if (index(forbidden, safe(n:n)) > 0) safe(n:n) = '_'
            end do
            name = me%name // '.' // safe // '.' // whole(int(number, int64)) // '.npy'
            words = ''
            do n = 1, size(extent)
                if (n > 1) words = words // 'x'
                words = words // whole(int(extent(n), int64))
            end do
            if (size(extent) == 0) words = '1'
            open (newunit=unit, file=name, access='stream', form='unformatted', status='replace', action='write', &
                  iostat=status)
            if (status == 0) then
                write (unit, iostat=status) head_of(extent, size(extent) > 1), x(1:many)
                close (unit, iostat=closed)
                if (closed /= 0) status = closed
            end if
            if (status /= 0) write (error_unit, '(3a)') 'nbtrace: `', name, '`: cannot be written'
            call put(head // word(key) // ' @array ' // name(index(name, '/', back=.true.) + 1:) // ' shape ' // words // &
                     new_line('a'))
        end if
        if (len(reference) > 0) then
            if (wanted(word(key))) then
                call take(word(key), value, found)
                if (found) found = allocated(value%file)
                if (found) call from_npy(value%file, x, many, extent, found)
                call tell(word(key), found)
            end if
        end if
        call done()
    end subroutine

    ! The head of a file of NumPy.
    function head_of(extent, fortran) result(npy)
        integer, intent(in) :: extent(:)
        logical, intent(in) :: fortran
        character(len=:), allocatable :: npy, inside
        integer :: n
        inside = ''
        do n = 1, size(extent)
            if (n > 1) inside = inside // ', '
            inside = inside // whole(int(extent(n), int64))
        end do
        if (size(extent) == 1) inside = inside // ','
        npy = "{'descr': '" // merge('<', '>', iachar(transfer(1, 'a')) == 1) // "f8', 'fortran_order': " // &
              trim(merge('True ', 'False', fortran)) // ", 'shape': (" // inside // '), }'
        npy = npy // repeat(' ', modulo(-(len(npy) + 11), 64)) // new_line('a')
        npy = char(147) // 'NUMPY' // achar(1) // achar(0) // char(mod(len(npy), 256)) // char(len(npy) / 256) // npy
    end function

    ! Takes the numbers of the reference's file where it is an array of this shape and type, in either order of axes; all or none.
    subroutine from_npy(name, x, many, extent, found)
        character(*), intent(in) :: name
        integer, intent(in) :: many, extent(:)
        real(real64), intent(inout) :: x(*)
        logical, intent(out) :: found
        real(real64), allocatable :: all(:)
        character(len=:), allocatable :: expected, start
        integer :: unit, status, order, n, axis, rest, step, at
        integer(int64) :: length
        logical :: turned
        found = .false.
        open (newunit=unit, file=name, access='stream', form='unformatted', status='old', action='read', iostat=status)
        if (status /= 0) return
        inquire (unit=unit, size=length)
        allocate (all(many))
        do order = 1, 2
            ! One axis or none has one order, by the name of the last index.
            turned = order == 2
            expected = head_of(extent, .not. turned .and. size(extent) > 1)
            if (length /= len(expected) + 8_int64 * many) cycle
            if (allocated(start)) deallocate (start)
            allocate (character(len(expected)) :: start)
            read (unit, pos=1, iostat=status) start, all
            if (status /= 0 .or. start /= expected) cycle
            found = .true.
            do n = 1, many
                at = n - 1
                if (turned) then
                    rest = n - 1
                    step = many
                    at = 0
                    do axis = 1, size(extent)
                        step = step / extent(axis)
                        at = at + mod(rest, extent(axis)) * step
                        rest = rest / extent(axis)
                    end do
                end if
                x(n) = all(at + 1)
            end do
            exit
        end do
        close (unit, iostat=status)
    end subroutine

    subroutine begin_on(name, number)
        character(*), intent(in) :: name
        integer(int64), intent(in) :: number
        character(24) :: digits
        integer :: length
        call get_me()
        if (mode == 0) return
        call to_digits(number, digits, length)
        call put('# begin' // new_line('a'))
        call put(head)
        call put(word(name))
        call put(' ' // digits(:length) // new_line('a'))
        if (me%depth < deep) then
            me%depth = me%depth + 1
            me%ends(me%depth) = len(me%path)
            me%path = me%path // word(name) // ' ' // digits(:length) // new_line('a')
        end if
    end subroutine

    logical function wanted(key)
        character(*), intent(in) :: key
        wanted = all_keys
        if (.not. wanted) wanted = index(keys, ',' // key // ',') > 0
    end function

    ! The place of a name among the entries, or the free one where it belongs.
    integer function place(name)
        character(*), intent(in) :: name
        integer(int64) :: hash
        integer :: n
        hash = 7
        do n = 1, len(name)
            hash = mod(hash * 131 + iachar(name(n:n)), 2147483647_int64)
        end do
        place = int(mod(hash, int(size(entries), int64))) + 1
        do while (allocated(entries(place)%name))
            if (entries(place)%name == name .and. len(entries(place)%name) == len(name)) return
            place = mod(place, size(entries)) + 1
        end do
    end function

    ! The reference's value of a key in this record; each is given once.
    subroutine take(key, value, found)
        character(*), intent(in) :: key
        type(reference_value), intent(out) :: value
        logical, intent(out) :: found
        integer :: at
        !$omp critical (nbtrace_lock)
        at = place(me%path // key)
        found = entries(at)%now > 0
        if (found) then
            value = values(entries(at)%now)
            entries(at)%now = value%next
        end if
        !$omp end critical (nbtrace_lock)
    end subroutine

    subroutine keep(path, line)
        character(*), intent(in) :: path, line
        type(reference_value) :: value
        type(reference_value), allocatable :: more(:)
        type(entry_of), allocatable :: old(:)
        real(real64), allocatable :: longer(:)
        real(real64) :: x
        integer :: blank, at, last, status, n
        blank = index(line, ' ')
        if (blank == 0) return
        if (.not. wanted(line(:blank - 1))) return
        value%start = number_count + 1
        if (index(line(blank + 1:), '@array ') == 1) then
            last = index(line, ' shape ')
            if (last == 0) return
            value%file = reference(:index(reference, '/', back=.true.)) // line(blank + 8:last - 1)
        else
            at = blank + 1
            do while (at <= len(line))
                last = index(line(at:), ' ')
                last = merge(len(line), at + last - 2, last == 0)
                if (last >= at) then
                    ! What a list of Fortran's may be besides: `2*1`, `1,5`, `/`.
                    status = verify(line(at:last), '0123456789+-.eEdDinfatyINFATY')
                    if (status == 0) read (line(at:last), *, iostat=status) x
                    if (status /= 0) then
                        ! A value that is not read keeps its place among those of its key.
                        value%count = -1
                        exit
                    end if
                    if (number_count == size(numbers)) then
                        allocate (longer(2 * number_count))
                        longer(:number_count) = numbers
                        call move_alloc(longer, numbers)
                    end if
                    number_count = number_count + 1
                    numbers(number_count) = x
                    value%count = value%count + 1
                end if
                at = last + 2
            end do
        end if
        if (value_count == size(values)) then
            allocate (more(2 * value_count))
            more(:value_count) = values
            call move_alloc(more, values)
        end if
        value_count = value_count + 1
        values(value_count) = value
        if (2 * entry_count > size(entries)) then
            call move_alloc(entries, old)
            allocate (entries(4 * size(old)))
            do n = 1, size(old)
                if (allocated(old(n)%name)) entries(place(old(n)%name)) = old(n)
            end do
        end if
        at = place(path // line(:blank - 1))
        if (.not. allocated(entries(at)%name)) then
            entries(at)%name = path // line(:blank - 1)
            entries(at)%now = value_count
            entry_count = entry_count + 1
        else
            values(entries(at)%last)%next = value_count
        end if
        entries(at)%last = value_count
    end subroutine

    subroutine load()
        character(len=:), allocatable :: line, path
        character(4096) :: piece
        integer :: unit, status, length, ends(deep), depth, colon
        logical :: begins
        allocate (numbers(64), values(64), entries(1024))
        open (newunit=unit, file=reference, status='old', action='read', iostat=status)
        if (status /= 0) then
            write (error_unit, '(3a)') 'nbtrace: `', reference, '`: cannot be read; expected a trace'
            stop 2
        end if
        path = ''
        depth = 0
        begins = .false.
        do
            line = ''
            do
                read (unit, '(a)', advance='no', size=length, iostat=status) piece
                line = line // piece(:length)
                if (status /= 0) exit
            end do
            if (.not. is_iostat_eor(status)) exit
            colon = index(line, ': ')
            if (line == '# begin') then
                begins = .true.
            else if (line == '# end') then
                if (depth > 0) then
                    path = path(:ends(depth))
                    depth = depth - 1
                end if
            else if (index(line, 'TRACE_') == 1 .and. colon > 0) then
                if (begins .and. depth < deep) then
                    depth = depth + 1
                    ends(depth) = len(path)
                    path = path // line(colon + 2:) // new_line('a')
                else
                    call keep(path, line(colon + 2:))
                end if
                begins = .false.
            end if
        end do
        close (unit)
    end subroutine
end module
